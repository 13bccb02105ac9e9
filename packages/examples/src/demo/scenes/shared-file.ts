import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { tool } from "@langchain/core/tools";
import { read, write } from "parallel-tools-node";
import { z } from "zod";
import type { Scene, Stage } from "../scene.js";
import { toolAnswers } from "../tool-answers.js";
import { oneCallPerTurn } from "./one-call-per-turn.js";

const EXPENSES: Readonly<Record<string, readonly number[]>> = {
  travel: [30, 12],
  office: [7, 55],
};
const ACCOUNTS = Object.keys(EXPENSES);
const OPENING = 100;

const CALLS = Object.entries(EXPENSES).flatMap(([account, amounts]) => [
  ...amounts.map((amount) => ({
    name: "add_expense",
    args: { account, amount },
  })),
  { name: "read_total", args: { account } },
]);
const TEXT = "Both accounts are up to date.";

/** Two updates of a file and then a read of it, for each of two files. */
export const sharedFile: Scene = {
  title: "3 shared file",
  story: [
    "An update reads a file, adds to it and writes it back; a read follows.",
    "Declared: which file a call reads or writes.",
  ],
  question:
    "Add expenses of 30 and 12 to travel and of 7 and 55 to office. What are the totals then?",
  script: [CALLS, TEXT],
  oneCallPerTurn: oneCallPerTurn(CALLS, TEXT),
  isRace: true,
  setUp() {
    const folder = mkdtempSync(path.join(tmpdir(), "parallel-tools-demo-"));
    const fileOf = (account: string | null) =>
      path.join(folder, `${account}.json`);
    for (const account of ACCOUNTS)
      writeFileSync(fileOf(account), `${OPENING}`);
    return {
      options: {
        policies: {
          add_expense: { access: ({ account }) => [write(`file:${account}`)] },
          read_total: { access: ({ account }) => [read(`file:${account}`)] },
        },
      },
      // Read and written in one go each: what is lost is lost by the clients'
      // order, not by half-written files.
      routes: {
        "GET /total": ({ query }) =>
          Number(readFileSync(fileOf(query.get("account")), "utf8")),
        "PUT /total": ({ query, body }) => {
          writeFileSync(fileOf(query.get("account")), body);
          return "written";
        },
      },
      tools,
      findWrongResults: (messages) =>
        ACCOUNTS.flatMap((account) => {
          const due = totalOf(account);
          const inFile = Number(readFileSync(fileOf(account), "utf8"));
          const answer = toolAnswers(messages).findLast(
            ({ name, args }) =>
              name === "read_total" && args["account"] === account,
          );
          return [
            ...(inFile === due
              ? []
              : [`${account} holds ${inFile}, not ${due}: a lost update`]),
            ...(answer?.text === `${due}`
              ? []
              : [`${account} was read as ${answer?.text}, not ${due}`]),
          ];
        }),
      tearDown: () => rmSync(folder, { recursive: true, force: true }),
    };
  },
};

function totalOf(account: string): number {
  return (EXPENSES[account] ?? []).reduce((sum, n) => sum + n, OPENING);
}

const tools: Stage["tools"] = (api) => [
  tool(
    async ({ account, amount }) => {
      const total = Number(await api.get("/total", { account }));
      await api.put("/total", { account }, total + amount);
      return `Added ${amount} to ${account}.`;
    },
    {
      name: "add_expense",
      description: "Adds an expense to an account.",
      schema: z.object({ account: z.enum(ACCOUNTS), amount: z.number() }),
    },
  ),
  tool(({ account }) => api.get("/total", { account }), {
    name: "read_total",
    description: "Reads the total of an account.",
    schema: z.object({ account: z.enum(ACCOUNTS) }),
  }),
];

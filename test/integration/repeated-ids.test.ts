import { isAIMessage, isToolMessage } from "@langchain/core/messages";
import type { BaseMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { type ParallelToolNodeOptions, write } from "parallel-tools-node";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type AgentHost, GO, hostAgent } from "../support/agent-hosts.js";
import { settle } from "../support/fake-clock.js";
import { LoggedModel } from "../support/logged-model.js";
import { callOf } from "../support/messages.js";

/**
 * `createAgent` v1 isn't here: it takes a call for answered whose id an earlier turn
 * has used, and then never runs it.
 */
const HOSTS: readonly AgentHost[] = [
  "graph",
  "react v1",
  "react v2",
  "agent v2",
];

const IDS: Record<string, (index: number) => string | undefined> = {
  "call_0, call_1": (index) => `call_${index}`,
  "empty ones": () => "",
  "no ids": () => undefined,
};

/** What models ask for in each of three turns, and what has to happen. */
interface Feature {
  readonly options: ParallelToolNodeOptions;
  /** The name and the argument `n`. */
  readonly calls: (turn: number) => readonly (readonly [string, unknown])[];
  /** `"1> <1"`: call 1 starts and ends. Calls count on from turn to turn. */
  readonly log: (turn: number) => string;
  readonly answers: (turn: number) => readonly (string | RegExp)[];
}

const pair = (turn: number) =>
  [
    ["get", turn * 10],
    ["get", turn * 10 + 1],
  ] as const;
const bothRun = (turn: number) => [`{"id":${turn}0}`, `{"id":${turn}1}`];
const inTurn = (turn: number) => `${turn}0> <${turn}0 ${turn}1> <${turn}1`;

const FEATURES: Record<string, Feature> = {
  "the order of an access": {
    options: { policies: { get: { access: [write("file")] } } },
    calls: pair,
    log: inTurn,
    answers: bothRun,
  },
  "a barrier": {
    options: { policies: { get: { sequential: true } } },
    calls: pair,
    log: inTurn,
    answers: bothRun,
  },
  "a plan that may change": {
    options: { policies: { get: { sequential: "replan" } } },
    calls: pair,
    log: (turn) => `${turn}0> <${turn}0`,
    answers: (turn) => [`{"id":${turn}0}`, /call 1 \(get\) comes first/],
  },
  "the failure of a call that others wait for": {
    options: { defaultPolicy: { access: [write("file")] } },
    calls: (turn) => [
      ["fail", turn * 10],
      ["get", turn * 10 + 1],
    ],
    log: (turn) => `${turn}0!`,
    answers: () => [/no luck/, /depends on call 1 \(fail\), which failed/],
  },
  "one run for equal calls": {
    options: { policies: { get: { dedupe: true } } },
    calls: (turn) => [
      ["get", turn * 10],
      ["get", turn * 10],
    ],
    log: (turn) => `${turn}0> <${turn}0`,
    answers: (turn) => [`{"id":${turn}0}`, `{"id":${turn}0}`],
  },
  "a limit for the calls of a message": {
    options: { maxCalls: 1 },
    calls: pair,
    log: (turn) => `${turn}0> <${turn}0`,
    answers: (turn) => [`{"id":${turn}0}`, /this was number 2/],
  },
  "a reference": {
    options: { references: true },
    calls: (turn) => [
      ["get", turn * 10],
      ["get", "$1.id"],
    ],
    log: (turn) => `${turn}0> <${turn}0 ${turn}0> <${turn}0`,
    answers: (turn) => [`{"id":${turn}0}`, `{"id":${turn}0}`],
  },
};

const TURNS = [1, 2, 3];

/** What was answered in each turn. */
function answersByTurn(messages: readonly BaseMessage[]): string[][] {
  const turns: string[][] = [];
  for (const message of messages) {
    if (isAIMessage(message)) turns.push([]);
    else if (isToolMessage(message)) turns.at(-1)?.push(message.text);
  }
  return turns.slice(0, TURNS.length);
}

describe.each(HOSTS)("in %s,", (host) => {
  describe.each(Object.keys(IDS))("with %s in every turn,", (ids) => {
    test.each(Object.keys(FEATURES))(
      "%s holds in each of them",
      async (name) => {
        const { options, calls, log, answers } = FEATURES[name] as Feature;
        const noted: string[] = [];
        const get = tool(
          async ({ n }) => {
            noted.push(`${String(n)}>`);
            // The first call of a turn takes longer.
            if (Number(n) % 10 === 0) await settle();
            await settle();
            noted.push(`<${String(n)}`);
            return { id: n };
          },
          { name: "get", schema: z.object({ n: z.any() }) },
        );
        const fail = tool(
          ({ n }) => {
            noted.push(`${String(n)}!`);
            throw new Error("no luck");
          },
          { name: "fail", schema: z.object({ n: z.any() }) },
        );
        const turns = TURNS.map((turn) =>
          calls(turn).map(([called, n], index) =>
            callOf(IDS[ids]?.(index), called, { n }),
          ),
        );
        const model = new LoggedModel("m", turns, []);
        const agent = hostAgent(host, model, [get, fail], options);
        const { messages } = await agent.invoke(GO);
        expect(noted.join(" ")).toBe(TURNS.map(log).join(" "));
        const given = answersByTurn(messages);
        expect(given).toHaveLength(TURNS.length);
        TURNS.forEach((turn, at) => {
          const expected = answers(turn);
          expect(given[at]).toHaveLength(expected.length);
          expected.forEach((text, index) => {
            expect(given[at]?.[index]).toMatch(text);
          });
        });
      },
    );
  });
});

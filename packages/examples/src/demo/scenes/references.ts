import { tool } from "@langchain/core/tools";
import { z } from "zod";
import type { Scene, Stage } from "../scene.js";
import { toolAnswers } from "../tool-answers.js";
import { oneCallPerTurn } from "./one-call-per-turn.js";

const COMPANY = { id: 17, ticker: "ACME", ceo: 4711 };
const PERSON = { name: "Ada Lovelace" };
const REVENUE = { total: 1_200_000 };
const PATENTS = { count: 42 };
const REPORT = "Ada Lovelace, 1200000, 42";
const TEXT = "The report is written.";

const company = { name: "find_company", args: { name: "Acme" } };
const details = (id: number | string, ticker: string, ceo: number | string) => [
  { name: "get_person", args: { id: ceo } },
  { name: "get_revenue", args: { ticker } },
  { name: "count_patents", args: { company: id } },
];
const report = (
  leader: string,
  revenue: number | string,
  patents: number | string,
) => ({
  name: "write_report",
  args: { leader, revenue, patents },
});

const known = details(COMPANY.id, COMPANY.ticker, COMPANY.ceo);
const summary = report(PERSON.name, REVENUE.total, PATENTS.count);

/** Calls that need only data of each other: one message holds them all. */
export const references: Scene = {
  title: "5 references",
  story: [
    "A company, then its CEO, revenue and patents, then a report on all three.",
    'Declared: references, so the model writes "$1.ticker" and asks for all at once.',
    "The others can't: they ask for what comes next when they know what came before.",
  ],
  question:
    "Write a report on Acme: who leads it, what it earns, what it invented.",
  script: [[company], known, [summary], TEXT],
  scriptWithReferences: [
    [
      company,
      ...details("$1.id", "$1.ticker", "$1.ceo"),
      report("$2.name", "$3.total", "$4.count"),
    ],
    TEXT,
  ],
  oneCallPerTurn: oneCallPerTurn([company, ...known, summary], TEXT),
  isRace: true,
  setUp: () => ({
    options: { references: true },
    routes: {
      "GET /company": () => COMPANY,
      "GET /person": ({ query }) =>
        query.get("id") === String(COMPANY.ceo) ? PERSON : {},
      "GET /revenue": ({ query }) =>
        query.get("ticker") === COMPANY.ticker ? REVENUE : {},
      "GET /patents": ({ query }) =>
        query.get("company") === String(COMPANY.id) ? PATENTS : {},
      "POST /report": ({ query }) => query.get("text"),
    },
    tools,
    findWrongResults: (messages) => {
      const written = toolAnswers(messages).filter(
        ({ name, text }) => name === "write_report" && text === REPORT,
      );
      return written.length === 1 ? [] : ["no report, or a wrong one"];
    },
  }),
};

const tools: Stage["tools"] = (api) => [
  tool(({ name }) => api.get("/company", { name }), {
    name: "find_company",
    description: "Finds a company: its id, ticker and the id of its CEO.",
    schema: z.object({ name: z.string() }),
  }),
  tool(({ id }) => api.get("/person", { id: String(id) }), {
    name: "get_person",
    description: "Gets the name of a person.",
    schema: z.object({ id: z.number() }),
  }),
  tool(({ ticker }) => api.get("/revenue", { ticker }), {
    name: "get_revenue",
    description: "Gets the total that a company earned last year.",
    schema: z.object({ ticker: z.string() }),
  }),
  tool(({ company }) => api.get("/patents", { company: String(company) }), {
    name: "count_patents",
    description: "Gets the count of a company's patents.",
    schema: z.object({ company: z.number() }),
  }),
  tool(
    ({ leader, revenue, patents }) =>
      api.post("/report", { text: `${leader}, ${revenue}, ${patents}` }),
    {
      name: "write_report",
      description: "Writes a report.",
      schema: z.object({
        leader: z.string(),
        revenue: z.number(),
        patents: z.number(),
      }),
    },
  ),
];

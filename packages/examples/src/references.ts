// A whole program in one message: the company, then three calls that need its
// data, then one that needs theirs. The model writes `$1.ticker` where it can't
// know the value yet. Two model turns where there were four.
import { tool } from "@langchain/core/tools";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import {
  ParallelToolNode,
  referenceInstructions,
  withReferences,
} from "parallel-tools-node";
import { z } from "zod";
import { startModelServer } from "./shared/model-server.js";
import { printReport } from "./shared/print-report.js";

const findCompany = tool(
  ({ name }) => ({ id: 17, name, ticker: "ACME", leaders: [{ id: 4711 }] }),
  {
    name: "find_company",
    description: "Finds a company.",
    schema: z.object({ name: z.string() }),
  },
);

const getPerson = tool(({ id }) => ({ id, name: "Ada Lovelace" }), {
  name: "get_person",
  description: "Gets a person.",
  schema: z.object({ id: z.number() }),
});

const getRevenue = tool(({ ticker }) => ({ ticker, total: 1_200_000 }), {
  name: "get_revenue",
  description: "Gets what a company earned last year.",
  schema: z.object({ ticker: z.string() }),
});

const countPatents = tool(({ company }) => ({ company, count: 42 }), {
  name: "count_patents",
  description: "Counts the patents of a company.",
  schema: z.object({ company: z.number() }),
});

const writeReport = tool(
  ({ leader, revenue, patents }) =>
    `${leader} earned ${revenue} with ${patents} patents.`,
  {
    name: "write_report",
    description: "Writes a report.",
    schema: z.object({
      leader: z.string(),
      revenue: z.number(),
      patents: z.number(),
    }),
  },
);

const all = [findCompany, getPerson, getRevenue, countPatents, writeReport];
const tools = new ParallelToolNode(all, {
  references: true,
  onReport: printReport,
});

const question = "Write a report on Acme.";
const server = await startModelServer({
  [question]: [
    [
      { name: "find_company", args: { name: "Acme" } },
      { name: "get_person", args: { id: "$1.leaders[0].id" } },
      { name: "get_revenue", args: { ticker: "$1.ticker" } },
      { name: "count_patents", args: { company: "$1.id" } },
      {
        name: "write_report",
        args: { leader: "$2.name", revenue: "$3.total", patents: "$4.count" },
      },
    ],
    "The report is written.",
  ],
});

// A function, since `createReactAgent` binds tools of its own to a ChatOpenAI.
const llm = server.llm.bindTools(withReferences(all));
const agent = createReactAgent({
  llm: () => llm,
  tools,
  prompt: referenceInstructions({ tools: all }),
});
const { messages } = await agent.invoke({
  messages: [{ role: "user", content: question }],
});
console.log(messages.at(-2)?.text);
console.log(`${server.turns} model turns`);

await server.stop();

/**
 * What a batch of no-op tools costs on this build and on another one, in one run.
 * `OTHER_BUILD` is the folder `dist` of the other one, of the last release or of
 * the commit before a change. It is copied beside this build, so that both use the
 * same packages of LangChain. Measured as in `overhead`.
 */
import { HumanMessage } from "@langchain/core/messages";
import { cpSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createAgent } from "langchain";
import * as ours from "parallel-tools-node";
import * as oursOfAgents from "parallel-tools-node/middleware";
import { limitsThatDontBind } from "./overhead.js";
import { AskingModel } from "./support/asking-model.js";
import { createTools, measure, ratiosOf } from "./support/measure-batches.js";
import type { RunBatch } from "./support/measure-batches.js";
import { printTable } from "./support/print-table.js";
import { requireBuiltPackage } from "./support/require-built-package.js";
import { median, quartiles } from "./support/statistics.js";

/** How a build runs batches. */
interface Build {
  readonly node: (options?: ours.ParallelToolNodeOptions) => RunBatch;
  readonly agent: (version: "v1" | "v2") => RunBatch;
}

const SIZES = [
  { calls: 1, rounds: 60 },
  { calls: 10, rounds: 60 },
  { calls: 100, rounds: 60 },
  { calls: 1_000, rounds: 32 },
];
const AGENT_SIZES = [
  { calls: 10, rounds: 24 },
  { calls: 100, rounds: 24 },
];

/** Prints the ratios. It has no target: the eye decides, beside the control. */
export async function builds(): Promise<boolean> {
  requireBuiltPackage();
  const before = await otherBuild();
  const after = buildOf(ours, oursOfAgents);
  const kinds: [string, typeof SIZES, (build: Build) => RunBatch][] = [
    ["node, default options", SIZES, ({ node }) => node()],
    [
      "node, limits that don't bind",
      SIZES,
      ({ node }) => node(limitsThatDontBind()),
    ],
    ["createAgent v1", AGENT_SIZES, ({ agent }) => agent("v1")],
    ["createAgent v2", AGENT_SIZES, ({ agent }) => agent("v2")],
  ];
  const rows: string[][] = [];
  for (const [name, sizes, create] of kinds) {
    const contenders = [before, before, after, after].map(create);
    for (const { calls, rounds } of sizes) {
      rows.push(await compare(name, contenders, calls, rounds));
    }
  }
  printTable(
    "builds: this build against another one, no-op tools",
    [
      "host",
      "calls",
      "before us/call",
      "after us/call",
      "after/before",
      "quartiles",
      "before/before",
      "after/after",
    ],
    rows,
  );
  return true;
}

async function compare(
  name: string,
  contenders: readonly RunBatch[],
  calls: number,
  rounds: number,
): Promise<string[]> {
  const figures = await measure(contenders, calls, rounds);
  const [before, beforeAgain, after, afterAgain] = figures.map(
    ({ cpu }) => cpu,
  ) as [number[], number[], number[], number[]];
  const ratios = ratiosOf(
    [...after, ...afterAgain],
    [...before, ...beforeAgain],
  );
  return [
    name,
    calls.toLocaleString("en"),
    median(before).toFixed(1),
    median(after).toFixed(1),
    median(ratios).toFixed(3),
    quartiles(ratios, 2),
    median(ratiosOf(beforeAgain, before)).toFixed(3),
    median(ratiosOf(afterAgain, after)).toFixed(3),
  ];
}

async function otherBuild(): Promise<Build> {
  const folder = process.env["OTHER_BUILD"];
  if (folder === undefined) {
    throw new Error(
      "Expected OTHER_BUILD to be the folder `dist` of another build, got nothing. Build the other commit in a clone of its own and name its packages/parallel-tools-node/dist.",
    );
  }
  const copy = new URL(
    "../packages/parallel-tools-node/.tmp/other-build/",
    import.meta.url,
  );
  rmSync(copy, { recursive: true, force: true });
  cpSync(folder, fileURLToPath(copy), { recursive: true });
  const load = (name: string): Promise<unknown> =>
    import(`${copy.href}${name}`);
  return buildOf(
    (await load("index.js")) as typeof ours,
    (await load("middleware.js")) as typeof oursOfAgents,
  );
}

function buildOf(
  { ParallelToolNode }: typeof ours,
  { parallelToolsMiddleware }: typeof oursOfAgents,
): Build {
  const tools = createTools();
  return {
    node: (options = {}) => {
      const node = new ParallelToolNode(tools, options);
      return (message) => node.invoke({ messages: [message] });
    },
    agent: (version) => {
      const model = new AskingModel({});
      const middleware = [parallelToolsMiddleware()];
      const agent = createAgent({ model, tools, middleware, version } as never);
      return (message) => {
        model.message = message;
        const messages = [new HumanMessage("Go.")];
        return agent.invoke({ messages } as never);
      };
    },
  };
}

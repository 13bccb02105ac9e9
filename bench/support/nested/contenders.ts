import { ToolNode } from "@langchain/langgraph/prebuilt";
import pLimit from "p-limit";
import PQueue from "p-queue";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
  resource,
} from "parallel-tools-node";
import { INTERVAL_MS } from "../rate-server/protocol.js";

/** Subagents that run at once, and calls and own work of subagents, likewise. */
export const CAP = 4;
/** Requests per second. */
export const RATE = 20;

type Tool = ConstructorParameters<typeof ToolNode>[0][number];
type CreateNode = (tools: Tool[]) => ToolNode;
/** Goes around the work of a tool. */
type Wrap = <T>(job: () => Promise<T>) => Promise<T>;

/** How nodes and tools of one run keep to the limits. */
export interface Limits {
  /** The node of the supervisor, whose tool runs a subagent. */
  readonly outer: CreateNode;
  /** The node of a subagent. */
  readonly inner: CreateNode;
  readonly aroundSubagent: Wrap;
  readonly aroundRequest: Wrap;
}

export interface NestedContender {
  readonly name: string;
  readonly createLimits: () => Limits;
  readonly target?: number;
}

const stockNode: CreateNode = (tools) => new ToolNode(tools);
const noWrap: Wrap = (job) => job();

const STOCK: Limits = {
  outer: stockNode,
  inner: stockNode,
  aroundSubagent: noWrap,
  aroundRequest: noWrap,
};

export const CONTENDERS: readonly NestedContender[] = [
  { name: "stock", createLimits: () => STOCK },
  {
    name: "p-limit, one for both tools",
    createLimits: () => {
      const limit = pLimit(CAP);
      return { ...STOCK, aroundSubagent: limit, aroundRequest: limit };
    },
  },
  {
    name: "p-limit per tool",
    createLimits: () => ({
      ...STOCK,
      aroundSubagent: pLimit(CAP),
      aroundRequest: pLimit(CAP),
    }),
  },
  {
    name: "p-limit and p-queue, strict",
    createLimits: () => {
      const queue = new PQueue({
        concurrency: CAP,
        interval: INTERVAL_MS,
        intervalCap: RATE,
        strict: true,
      });
      return {
        ...STOCK,
        aroundSubagent: pLimit(CAP),
        aroundRequest: (job) => queue.add(job),
      };
    },
  },
  { name: "ours", createLimits: createOurs, target: 1.1 },
];

let made = 0;

/** One cap of subagents, and one that they share with what runs inside of them. */
function createOurs(): Limits {
  // Two of one name would be taken for a mistake.
  made += 1;
  const [workers, api] = [`workers ${made}`, `api ${made}`];
  const resources = {
    [workers]: resource({ concurrency: CAP }),
    [api]: resource({ rateLimit: { limit: RATE, intervalMs: INTERVAL_MS } }),
  };
  const createWith =
    (policies: NonNullable<ParallelToolNodeOptions["policies"]>): CreateNode =>
    (tools) =>
      new ParallelToolNode(tools, { resources, policies });
  return {
    ...STOCK,
    outer: createWith({ research: { concurrency: CAP, resources: workers } }),
    inner: createWith({
      fetch_page: { resources: [workers, api], readOnly: true },
    }),
  };
}

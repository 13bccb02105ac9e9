import { ToolNode } from "@langchain/langgraph/prebuilt";
import Bottleneck from "bottleneck";
import pLimit from "p-limit";
import PQueue from "p-queue";
import { ParallelToolNode, type RateLimit } from "parallel-tools-node";
import { createBackOff } from "./back-off.js";
import {
  BURST,
  INTERVAL_MS,
  LIMIT,
  type ServerKind,
} from "./rate-server/protocol.js";
import { SeededRandom } from "./seeded-random.js";

type Tool = ConstructorParameters<typeof ToolNode>[0][number];

/** Goes around the request, inside the tool. */
export type Wrap = <T>(job: () => Promise<T>) => Promise<T>;

/** A way to send the requests of one message. */
export interface RateContender {
  readonly name: string;
  /** A fresh node, since rate limits remember. */
  readonly createNode: (tools: Tool[], kind: ServerKind) => ToolNode;
  readonly createWrap: (kind: ServerKind, round: number) => Wrap;
}

const stockNode = (tools: Tool[]) => new ToolNode(tools);
const noWrap = (): Wrap => (job) => job();

export const STOCK: RateContender = {
  name: "stock",
  createNode: stockNode,
  createWrap: noWrap,
};

/** Knows the limit. */
export const DECLARED: RateContender = {
  name: "ours, declared",
  createNode: (tools, kind) => createOurs(tools, { rateLimit: rateOf(kind) }),
  createWrap: noWrap,
};

/** Is told nothing: what it knows, the server said. */
export const UNDECLARED: RateContender = {
  name: "ours, undeclared",
  createNode: (tools) => createOurs(tools, {}),
  createWrap: noWrap,
};

export const OTHERS: readonly RateContender[] = [
  STOCK,
  {
    name: "stock, back-off",
    createNode: stockNode,
    createWrap: (_, round) => createBackOff(new SeededRandom(1_000 + round)),
  },
  {
    name: "p-limit, 10",
    createNode: stockNode,
    createWrap: () => pLimit(10),
  },
  {
    name: "p-queue",
    createNode: stockNode,
    createWrap: () => createQueue({}),
  },
  {
    name: "p-queue, strict",
    createNode: stockNode,
    createWrap: () => createQueue({ strict: true }),
  },
  {
    name: "bottleneck",
    createNode: stockNode,
    createWrap: createBottleneck,
  },
];

function createOurs(
  tools: Tool[],
  api: { rateLimit?: RateLimit },
): ParallelToolNode {
  return new ParallelToolNode(tools, {
    resources: { api },
    // A refused call is made again only where that is harmless.
    policies: { fetch_page: { resources: "api", readOnly: true } },
  });
}

function rateOf(kind: ServerKind): RateLimit {
  const rate: RateLimit = { limit: LIMIT, intervalMs: INTERVAL_MS };
  return kind === "token bucket"
    ? { ...rate, algorithm: "token-bucket", burst: BURST }
    : rate;
}

function createQueue(options: { strict?: boolean }): Wrap {
  const queue = new PQueue({
    interval: INTERVAL_MS,
    intervalCap: LIMIT,
    ...options,
  });
  return (job) => queue.add(job);
}

/**
 * The better of the two ways in its documents: launches that are evenly apart,
 * or a reservoir that is refilled each second. The reservoir loses many calls on
 * the token bucket and the sliding window, launches that are apart few or none;
 * on the fixed window neither loses any, and the reservoir is faster.
 */
function createBottleneck(kind: ServerKind): Wrap {
  const limiter = new Bottleneck(
    kind === "fixed window"
      ? {
          reservoir: LIMIT,
          reservoirRefreshAmount: LIMIT,
          reservoirRefreshInterval: INTERVAL_MS,
        }
      : { minTime: INTERVAL_MS / LIMIT },
  );
  return (job) => limiter.schedule(job);
}

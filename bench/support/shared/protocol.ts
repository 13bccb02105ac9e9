import type { Resource } from "parallel-tools-node";

/** What a worker is to do, as the argument of its program. */
export interface WorkerSettings {
  readonly origin: string;
  readonly redisUrl: string;
  readonly prefix: string;
  readonly leaseMs: number;
  /** The shared resource that all of its calls need. */
  readonly resource: Resource;
  /** Calls of its one message: more than it can make. */
  readonly calls: number;
}

/** Parent to worker. */
export type Order = "go" | "stop";

/** Worker to parent. */
export type Report =
  | { readonly type: "ready" }
  | { readonly type: "stopped"; readonly commands: number };

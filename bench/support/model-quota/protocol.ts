import type { Contender } from "./workload.js";

/** What the subagents of a process are to do. */
export interface RunSettings extends Contender {
  readonly count: number;
  readonly turns: number;
  readonly origin: string;
  /** What this run shares with that of the other process, and with no other run. */
  readonly resource: string;
}

/** Parent to worker: get ready for a run, and begin it. */
export type Order =
  | { readonly type: "prepare"; readonly settings: RunSettings }
  | { readonly type: "go" };

/** Worker to parent. */
export type Report =
  | { readonly type: "ready" }
  | { readonly type: "done"; readonly lost: number };

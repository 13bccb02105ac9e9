import type { HeaderForm } from "./refusal-headers.js";

/** The usual limit of a server: requests per interval, and the bucket's size. */
export const LIMIT = 50;
export const INTERVAL_MS = 1_000;
export const BURST = 10;

export const SERVER_KINDS = [
  "token bucket",
  "sliding window",
  "fixed window",
] as const;
export type ServerKind = (typeof SERVER_KINDS)[number];

/** How a server is to be in the next run. */
export interface RunSettings {
  /** Milliseconds until the answer for each page, taken or refused. */
  readonly latenciesMs: readonly number[];
  /** How much of a fixed window is over when the run begins. */
  readonly phaseMs: number;
  readonly headers: HeaderForm;
  /** Requests per interval. Default: `LIMIT`. */
  readonly limit?: number;
}

/** What a server has seen since it was reset. Times are of `monotonicMs`. */
export interface ServerLog {
  /** When the windows of a fixed window began: an edge, and so each later one. */
  readonly edgeMs: number;
  /** Milliseconds from its arrival to its answer, for each request let in. */
  readonly serviceMs: readonly number[];
  readonly refused: number;
}

/** Parent to server. Each is answered. */
export type Command =
  | { readonly type: "reset"; readonly settings: RunSettings }
  | { readonly type: "log" };

/** Server to parent. */
export type Reply =
  | { readonly type: "listening"; readonly port: number }
  | { readonly type: "ready" }
  | { readonly type: "log"; readonly log: ServerLog };

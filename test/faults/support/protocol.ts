/** What has happened in a thread, in the order in which the ledger heard it. */
export interface LedgerEvent {
  readonly thread: string;
  /**
   * - `drive`: somebody goes on with the thread, and has not read it yet
   * - `start`: a tool begins
   * - `end`: its side effect takes place, then it returns
   * - `saved`: the checkpointer has returned from keeping the call's answer
   * - `found`: the checkpointer has handed the call's answer out
   * - `checkpoint`: the checkpointer has returned from keeping a checkpoint
   */
  readonly kind: "drive" | "start" | "end" | "saved" | "found" | "checkpoint";
  /** The id of the call; none for a `drive` and a `checkpoint`. */
  readonly call?: string;
}

/** The side effect of a tool: on the documents that the ledger keeps. */
export type Effect =
  | { readonly kind: "read"; readonly doc: string }
  | { readonly kind: "write"; readonly doc: string; readonly text: string }
  | { readonly kind: "none" };

/** One line to the ledger. It answers each with a line `{ id, value }`. */
export interface LedgerRequest {
  readonly id: number;
  readonly event: LedgerEvent;
  readonly effect?: Effect;
}

export type HostName =
  | "ToolNode"
  | "ParallelToolNode"
  | "createAgent"
  | "middleware"
  /** With LangChain's `humanInTheLoopMiddleware` in front. */
  | "approvals"
  /** Ours in an agent of `deepagents` and in its subagent. */
  | "deepagents";

/** Those in which the library runs the calls. */
export const OURS: readonly HostName[] = [
  "ParallelToolNode",
  "middleware",
  "approvals",
  "deepagents",
];

/** Goes on with a thread, whatever has become of it. */
export interface DriveCommand {
  readonly do: "drive";
  readonly host: HostName;
  readonly thread: string;
  readonly durability: "sync" | "async";
  /** Whether the question that the thread asks is answered. */
  readonly answers: boolean;
  /** Decides how long each tool takes. */
  readonly seed: number;
  /** This call never settles, unless its signal is aborted. */
  readonly hanging?: string | undefined;
}

export type AgentCommand = DriveCommand | { readonly do: "abort" };

/** How far a thread has come. */
export type AgentReply =
  | { readonly is: "asking" | "aborted" }
  | { readonly is: "done"; readonly messages: readonly string[] }
  | { readonly is: "failed"; readonly error: string };

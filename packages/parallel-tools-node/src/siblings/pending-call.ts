import { AsyncResource } from "node:async_hooks";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import type { Answer } from "../batch/run-tool.js";
import type { SentCall } from "./sent-call.js";

/** A call that has arrived and isn't answered yet. */
export interface PendingCall {
  readonly call: SentCall;
  /** Of its task. */
  readonly config: LangGraphRunnableConfig;
  /** Replaces the call's `run`; it keeps the async context of the call's task. */
  run?: SentCall["run"] | undefined;
  hasStarted: boolean;
  readonly resolve: (answer: Answer | Promise<Answer>) => void;
  readonly reject: (error: unknown) => void;
}

/** From now on the call runs in the async context that is current now. */
export function keepContext(pending: PendingCall): void {
  const { call } = pending;
  const run: SentCall["run"] = (...args) => call.run(...args);
  pending.run = AsyncResource.bind(run, "parallel-tools-node");
}

import { isCommand } from "@langchain/langgraph";
import type { CallEnd } from "../report/batch-tracer.js";
import type { Outcome } from "../schedule/outcome.js";
import { outputOf } from "./output-of.js";
import { type Answer, failureBehind } from "./run-tool.js";

/** What a tracer is told of a call's end. A Command is no output. */
export function callEndOf(outcome: Outcome<unknown>): CallEnd {
  if ("error" in outcome) return { error: outcome.error };
  const answer = outcome.value as Answer | undefined;
  if (answer === undefined || isCommand(answer)) return {};
  return answer.status === "error"
    ? { error: failureBehind(answer).error }
    : { output: () => outputOf(answer) };
}

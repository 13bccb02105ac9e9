import { isCommand } from "@langchain/langgraph";
import type { Outcome } from "../schedule/outcome.js";
import type { Answer } from "./run-tool.js";

/** What an answer says of how its call has ended. */
export function outcomeOf(value: Answer): Outcome<Answer> {
  const isError = !isCommand(value) && value.status === "error";
  return { status: isError ? "error" : "ok", value };
}

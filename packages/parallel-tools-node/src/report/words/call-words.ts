import type { OutcomeStatus } from "../../schedule/outcome.js";
import type { CallReport } from "../batch-report.js";

/** How a call ended, in one word. */
export const OUTCOME_WORDS = {
  ok: "ok",
  error: "error",
  skipped: "skipped",
  deferred: "deferred",
  refused: "refused",
  interrupted: "interrupted",
  aborted: "aborted",
} satisfies Record<OutcomeStatus, string>;

/** The name of a call's tool; a model may leave it empty. */
export function toolName({ name }: CallReport): string {
  return name === "" ? "(no name)" : name;
}

/** How long a call ran, all attempts together. */
export function ranMsOf({ runs }: CallReport): number {
  return runs.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
}

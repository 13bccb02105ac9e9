import type { Wait, WaitReason } from "../batch-report.js";
import { MOST_NAME, printable } from "./printable.js";

/** The name of each reason to wait, where it stands by itself. */
export const WAIT_WORDS = {
  message: "the message",
  dependency: "another call",
  concurrency: "cap",
  rate: "rate limit",
  feedback: "pause",
  circuit: "trial",
  retry: "back-off",
} satisfies Record<WaitReason, string>;

/** The reasons in the order in which they are listed. */
export const WAIT_REASONS = Object.keys(WAIT_WORDS) as WaitReason[];

/** What a call waited for: `call 1`, `rate limit of resource serp`. */
export function describeWait(wait: Wait): string {
  if (wait.for === "message") return WAIT_WORDS.message;
  return wait.for === "dependency"
    ? `call ${wait.index + 1}`
    : `${WAIT_WORDS[wait.for]} of ${printable(wait.limit, MOST_NAME)}`;
}

import { statusIn } from "../batch/is-retryable.js";
import { readField } from "../limits/feedback/attempt.js";

/** Statuses of a server that was too slow, and all from 500 on are its own faults. */
const REQUEST_TIMEOUT = 408;
const FIRST_OF_SERVER = 500;

/**
 * Whether a request to a model that failed is worth sending again: its server had a
 * fault, or it didn't reach it. What was answered and couldn't be read would be paid
 * again.
 */
export function mayPass(error: unknown): boolean {
  const status = Number(statusIn(error));
  if (status > 0)
    return status === REQUEST_TIMEOUT || status >= FIRST_OF_SERVER;
  return isOfConnection(error) || isOfConnection(readField(error, "cause"));
}

/** Node's own codes and the names of the SDKs; `fetch` says no more than this. */
function isOfConnection(error: unknown): boolean {
  const code = String(readField(error, "code") ?? "");
  const name = String(readField(error, "name") ?? "");
  return (
    /^(?:E[A-Z]{4,}|UND_ERR_\w+)$/.test(code) ||
    name.startsWith("APIConnection") ||
    readField(error, "message") === "fetch failed" ||
    readField(error, "message") === "Connection error."
  );
}

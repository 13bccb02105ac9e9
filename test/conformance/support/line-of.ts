import { normalised } from "../../integration/support/normalised.js";

/**
 * Stack traces: LangChain shows them to the model where arguments are wrong. Their
 * lines name functions of LangChain's and of ours.
 */
const STACK = /(?:\\+n\s+at [^\\"]+)+/g;

/** A line of a log that two runs share when they did the same. */
export function lineOf(what: string, facts: unknown): string {
  const text = JSON.stringify(normalised(facts));
  return `${what} ${text.replaceAll(STACK, " STACK")}`;
}

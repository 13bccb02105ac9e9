import type { UsageMetadata } from "@langchain/core/messages";

/** Tells how many tokens of a rate a request has used, by what its answer says. */
export type ReadUsage = (usage: UsageMetadata) => number;

/** Tokens of the request and of the answer. */
export function totalTokens(usage: UsageMetadata): number {
  return usage.input_tokens + usage.output_tokens;
}

/** More than any model reads and writes for one request. */
export const MOST_TOKENS = 100_000_000;

/**
 * Reads what the parts of an answer say of the tokens that were used, and of the quota.
 * Chunks add up, as where they are put together. Events of a stream tell what was used
 * so far.
 */
export class AnswerReader {
  #input = 0;
  #output = 0;
  #isNonsense = false;
  #hasHeaders = false;
  /** The whole answer has been read. */
  isComplete = false;
  /** Is told the headers of the response when they come, where the client shows them. */
  onHeaders: (headers: unknown) => void = () => {};

  /** What was used; `undefined`: the answer doesn't say. */
  get usage(): UsageMetadata | undefined {
    const total = this.#input + this.#output;
    if (this.#isNonsense || total === 0 || !isCount(total)) return undefined;
    return {
      input_tokens: this.#input,
      output_tokens: this.#output,
      total_tokens: total,
    };
  }

  /** What a model returned: its answers are of one request. */
  addResult(result: unknown): void {
    this.isComplete = true;
    const generations = own(result, "generations");
    if (!Array.isArray(generations)) return;
    for (const one of generations) {
      const message = own(one, "message");
      this.#readHeaders(message);
      this.#atLeast(own(message, "usage_metadata"));
    }
  }

  /** A piece of a stream: a chunk, or an event. */
  addPiece(piece: unknown): void {
    const message = own(piece, "message");
    this.#readHeaders(message);
    const usage = own(message, "usage_metadata");
    const counts = this.#countsOf(usage);
    this.#input += counts?.input ?? 0;
    this.#output += counts?.output ?? 0;
    if (usage === undefined) this.#atLeast(own(piece, "usage"));
  }

  #readHeaders(message: unknown): void {
    if (this.#hasHeaders) return;
    const headers = own(own(message, "response_metadata"), "headers");
    this.#hasHeaders = headers !== undefined && headers !== null;
    if (this.#hasHeaders) this.onHeaders(headers);
  }

  #atLeast(usage: unknown): void {
    const counts = this.#countsOf(usage);
    this.#input = Math.max(this.#input, counts?.input ?? 0);
    this.#output = Math.max(this.#output, counts?.output ?? 0);
  }

  /** What can't be a count makes all of it worth nothing. */
  #countsOf(
    usage: unknown,
  ): { readonly input: number; readonly output: number } | undefined {
    if (usage === undefined || usage === null) return undefined;
    const input = own(usage, "input_tokens") ?? 0;
    const output = own(usage, "output_tokens") ?? 0;
    if (isCount(input) && isCount(output)) return { input, output };
    this.#isNonsense = true;
    return undefined;
  }
}

/** Answers come from outside: only own fields count, and only what can be a count. */
function own(value: unknown, key: string): unknown {
  return typeof value === "object" &&
    value !== null &&
    Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

/** Whether it may be how many tokens a request has used. */
export function isCount(tokens: unknown): tokens is number {
  return (
    Number.isSafeInteger(tokens) &&
    (tokens as number) >= 0 &&
    (tokens as number) <= MOST_TOKENS
  );
}

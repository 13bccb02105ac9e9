import type { UsageMetadata } from "@langchain/core/messages";

/** Tells how many tokens of a rate a request has used, by what its answer says. */
export type ReadUsage = (usage: UsageMetadata) => number;

/** Tokens of the request and of the answer. */
export function totalTokens(usage: UsageMetadata): number {
  return usage.input_tokens + usage.output_tokens;
}

/**
 * Reads what the parts of an answer say of the tokens that were used, and of the quota.
 * Chunks add up, as where they are put together. Events of a stream tell what was used
 * so far.
 */
export class AnswerReader {
  #input = 0;
  #output = 0;
  #hasSome = false;
  #headers: unknown;

  /** Headers of the response, where the client hands them on. */
  get headers(): unknown {
    return this.#headers;
  }

  /** What was used; `undefined`: the answer doesn't say. */
  get usage(): UsageMetadata | undefined {
    if (!this.#hasSome) return undefined;
    return {
      input_tokens: this.#input,
      output_tokens: this.#output,
      total_tokens: this.#input + this.#output,
    };
  }

  /** What a model returned: its answers are of one request. */
  addResult(result: unknown): void {
    const generations = own(result, "generations");
    if (!Array.isArray(generations)) return;
    for (const one of generations) {
      const message = own(one, "message");
      this.#readHeaders(message);
      const usage = own(message, "usage_metadata");
      this.#atLeast(
        tokensOf(usage, "input_tokens"),
        tokensOf(usage, "output_tokens"),
      );
    }
  }

  /** A piece of a stream: a chunk, or an event. */
  addPiece(piece: unknown): void {
    const message = own(piece, "message");
    this.#readHeaders(message);
    const chunk = own(message, "usage_metadata");
    const input = tokensOf(chunk, "input_tokens");
    const output = tokensOf(chunk, "output_tokens");
    if (input !== undefined || output !== undefined) {
      this.#hasSome = true;
      this.#input += input ?? 0;
      this.#output += output ?? 0;
      return;
    }
    const usage = own(piece, "usage");
    this.#atLeast(
      tokensOf(usage, "input_tokens"),
      tokensOf(usage, "output_tokens"),
    );
  }

  #readHeaders(message: unknown): void {
    this.#headers ??= own(own(message, "response_metadata"), "headers");
  }

  #atLeast(input: number | undefined, output: number | undefined): void {
    if (input === undefined && output === undefined) return;
    this.#hasSome = true;
    this.#input = Math.max(this.#input, input ?? 0);
    this.#output = Math.max(this.#output, output ?? 0);
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

function tokensOf(usage: unknown, key: string): number | undefined {
  const tokens = own(usage, key);
  return Number.isSafeInteger(tokens) && (tokens as number) >= 0
    ? (tokens as number)
    : undefined;
}

import { monotonicMs } from "./monotonic-time.js";

/** What a provider lets into any such time. */
export interface ModelQuota {
  readonly requests: number;
  readonly tokens: number;
  readonly intervalMs: number;
}

interface Entry {
  readonly at: number;
  readonly tokens: number;
}

/** What an answer takes. */
const ANSWER_TOKENS = 50;

interface RequestBody {
  readonly messages: readonly { readonly content: string }[];
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
}

/**
 * A model's server in this process, in real time, as the `fetch` of a client. It counts
 * requests and tokens when a request comes, tokens as OpenAI estimates them: characters
 * over four, and the most that may come back. A request beyond its quota is answered
 * with 429 and the time after which there is room for it. It counts what it estimated,
 * though an answer is shorter, as it says.
 */
export class ModelServer {
  readonly #quota: ModelQuota;
  readonly #latencyMs: number;
  #entries: Entry[] = [];
  /** Answers of 429. */
  refused = 0;

  constructor(quota: ModelQuota, latencyMs: number) {
    this.#quota = quota;
    this.#latencyMs = latencyMs;
  }

  readonly fetch = async (
    _url: unknown,
    init?: { readonly body?: unknown },
  ): Promise<Response> => {
    const body = JSON.parse(String(init?.body)) as RequestBody;
    const tokens = tokensOf(body);
    const waitMs = this.#waitMs(tokens, monotonicMs());
    if (waitMs > 0) {
      this.refused += 1;
      return Response.json(
        {
          error: { message: "Rate limit reached", code: "rate_limit_exceeded" },
        },
        {
          status: 429,
          headers: {
            "retry-after-ms": String(Math.ceil(waitMs)),
            "retry-after": String(Math.ceil(waitMs / 1_000)),
          },
        },
      );
    }
    this.#entries.push({ at: monotonicMs(), tokens });
    await new Promise((resolve) => {
      setTimeout(resolve, this.#latencyMs);
    });
    const message = { role: "assistant", content: "ok" };
    return Response.json({
      id: "1",
      choices: [{ index: 0, message, finish_reason: "stop" }],
      usage: {
        prompt_tokens: promptTokensOf(body),
        completion_tokens: ANSWER_TOKENS,
        total_tokens: promptTokensOf(body) + ANSWER_TOKENS,
      },
    });
  };

  /** How long until there is room for so many tokens. */
  #waitMs(tokens: number, now: number): number {
    const { requests, tokens: most, intervalMs } = this.#quota;
    this.#entries = this.#entries.filter(({ at }) => at > now - intervalMs);
    let count = this.#entries.length + 1;
    let sum = tokens;
    for (const entry of this.#entries) sum += entry.tokens;
    for (const { at, tokens: gone } of this.#entries) {
      if (count <= requests && sum <= most) return 0;
      count -= 1;
      sum -= gone;
      if (count <= requests && sum <= most) return at + intervalMs - now;
    }
    return 0;
  }
}

function tokensOf(body: RequestBody): number {
  const most = body.max_completion_tokens ?? body.max_tokens ?? 0;
  return promptTokensOf(body) + most;
}

function promptTokensOf({ messages }: RequestBody): number {
  let characters = 0;
  for (const { content } of messages) characters += content.length;
  return Math.ceil(characters / 4);
}

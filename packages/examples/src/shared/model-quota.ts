import { SlidingWindow } from "./sliding-window.js";

/** What a model's provider lets in, in any such time. */
export interface ModelQuota {
  readonly requests: number;
  readonly tokens: number;
  readonly intervalMs: number;
}

interface ChatRequest {
  readonly messages: readonly {
    readonly content?: string | null;
    readonly tool_calls?: readonly {
      readonly function: { readonly name: string; readonly arguments: string };
    }[];
  }[];
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
}

/**
 * The `fetch` of a model's client, with a provider's quota: a request over it is
 * answered with 429 and the time after which there is room; others are sent on.
 */
export class QuotaFetch {
  readonly #requests: SlidingWindow;
  readonly #tokens: SlidingWindow;
  /** Answers of 429. */
  refused = 0;

  constructor({ requests, tokens, intervalMs }: ModelQuota) {
    this.#requests = new SlidingWindow({ limit: requests, intervalMs });
    this.#tokens = new SlidingWindow({ limit: tokens, intervalMs });
  }

  readonly fetch: typeof fetch = async (url, init) => {
    const now = performance.now();
    const tokens = tokensOf(JSON.parse(String(init?.body)) as ChatRequest);
    const waitMs = Math.max(
      this.#requests.waitMs(now),
      this.#tokens.waitMs(now, tokens),
    );
    if (waitMs > 0) {
      this.refused += 1;
      return refusal(waitMs);
    }
    this.#requests.enter(now);
    this.#tokens.enter(now, tokens);
    return fetch(url, init);
  };
}

function refusal(waitMs: number): Response {
  const error = { message: "Rate limit reached", code: "rate_limit_exceeded" };
  const headers = {
    "retry-after": String(Math.ceil(waitMs / 1_000)),
    "retry-after-ms": String(Math.ceil(waitMs)),
  };
  return Response.json({ error }, { status: 429, headers });
}

/** As OpenAI estimates them: characters over four, and what may come back. */
function tokensOf(request: ChatRequest): number {
  let characters = 0;
  for (const { content, tool_calls: calls = [] } of request.messages) {
    characters += content?.length ?? 0;
    for (const { function: called } of calls) {
      characters += called.name.length + called.arguments.length;
    }
  }
  const most = request.max_completion_tokens ?? request.max_tokens ?? 0;
  return Math.ceil(characters / 4) + most;
}

import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { SlidingWindow, type WindowLimit } from "../shared/sliding-window.js";

export interface ApiRequest {
  readonly query: URLSearchParams;
  readonly body: string;
}

/**
 * Handles a request the moment it arrives; the latency comes after that. So an
 * answer can be out of date when the client sees it, as with any real API.
 */
export type Route = (request: ApiRequest) => unknown;

interface ApiResponse {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body: unknown;
}

export interface ApiServer {
  readonly url: string;
  /** How many requests were answered with 429. */
  readonly tooManyRequests: number;
  stop(): Promise<void>;
}

const LEAST_LATENCY_MS = 150;
const MOST_LATENCY_MS = 300;

/**
 * Starts an API on a free port.
 *
 * @param routes by method and path, e.g. `GET /weather`
 * @param limit how many requests it takes; more get 429 and `Retry-After`
 */
export async function startApiServer(
  routes: Readonly<Record<string, Route>>,
  limit?: WindowLimit,
): Promise<ApiServer> {
  const window = limit && new SlidingWindow(limit);
  let tooManyRequests = 0;

  async function answer(request: IncomingMessage): Promise<ApiResponse> {
    const url = new URL(request.url ?? "/", "http://localhost");
    const route = routes[`${request.method} ${url.pathname}`];
    if (route === undefined) return { status: 404, body: "no such route" };
    const now = performance.now();
    const retryAfterMs = window?.waitMs(now) ?? 0;
    if (retryAfterMs > 0) {
      tooManyRequests += 1;
      const retryAfter = String(Math.ceil(retryAfterMs / 1_000));
      return {
        status: 429,
        headers: { "Retry-After": retryAfter },
        body: "too many requests",
      };
    }
    window?.enter(now);
    const body = await text(request);
    const result = route({ query: url.searchParams, body });
    await sleep(latencyOf(`${request.method} ${request.url} ${body}`));
    return { status: 200, body: result };
  }

  const server = createServer((request, response) => {
    void answer(request)
      .catch((error: unknown) => ({ status: 500, body: String(error) }))
      .then(({ status, headers, body }: ApiResponse) => {
        response.writeHead(status, headers).end(JSON.stringify(body));
      });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get tooManyRequests() {
      return tooManyRequests;
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** The same request is always equally slow, so that runs can be compared. */
function latencyOf(request: string): number {
  let hash = 2166136261;
  for (const character of request) {
    hash = Math.imul(hash ^ (character.codePointAt(0) as number), 16777619);
  }
  const share = (hash >>> 0) / 2 ** 32;
  return LEAST_LATENCY_MS + share * (MOST_LATENCY_MS - LEAST_LATENCY_MS);
}

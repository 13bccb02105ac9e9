import { HttpError } from "./fetch-page.js";
import type { SeededRandom } from "./seeded-random.js";

const MOST_RETRIES = 12;
const FIRST_MS = 100;
const MOST_MS = 10_000;

/**
 * What a careful user writes into a tool: a 429 is tried again, at first after
 * up to 100 ms, then after up to twice as long each time ("full jitter", as in
 * "Exponential Backoff And Jitter" of the AWS Architecture Blog), and never
 * before the time that the server names.
 */
export function createBackOff(
  random: SeededRandom,
): <T>(job: () => Promise<T>) => Promise<T> {
  return async (job) => {
    for (let retries = 0; ; retries += 1) {
      try {
        return await job();
      } catch (error) {
        if (!(error instanceof HttpError) || error.status !== 429) throw error;
        if (retries === MOST_RETRIES) throw error;
        const jitterMs =
          random.next() * Math.min(MOST_MS, FIRST_MS * 2 ** retries);
        await sleep(toldMs(error.headers) + jitterMs);
      }
    }
  };
}

function toldMs(headers: Headers): number {
  const ms = headers.get("retry-after-ms");
  if (ms !== null) return Number(ms);
  return 1_000 * Number(headers.get("retry-after") ?? 0);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

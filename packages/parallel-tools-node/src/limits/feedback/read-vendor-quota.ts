import type { HeaderReader } from "./header-reader.js";
import { parseDuration, parseReset, plausibleDelay } from "./parse-delay.js";
import { parseCount, parseDecimal } from "./parse-number.js";
import { type QuotaState, quotaState } from "./quota-state.js";

const PREFIXES = ["x-ratelimit-", "x-rate-limit-"];

/**
 * Reads `X-RateLimit-Remaining` and `X-RateLimit-Reset`, also spelled
 * `X-Rate-Limit-*`, and Discord's `X-RateLimit-Reset-After` (seconds with
 * decimals). The latter goes first, since clocks that differ can't spoil it.
 *
 * @param now milliseconds since 1970 by the server's clock
 */
export function readXRateLimit(
  headers: HeaderReader,
  now: number,
): QuotaState | undefined {
  const first = (suffix: string): string | undefined =>
    PREFIXES.map((prefix) => headers(prefix + suffix)).find(
      (text) => text !== undefined,
    );
  const seconds = parseDecimal(first("reset-after"));
  return quotaState({
    remaining: parseCount(first("remaining")),
    resetMs:
      (seconds === undefined ? undefined : plausibleDelay(seconds * 1_000)) ??
      parseReset(first("reset"), now),
  });
}

const OPENAI = ["requests", "tokens"];
const ANTHROPIC = ["requests", "tokens", "input-tokens", "output-tokens"];

/**
 * Reads the quotas of a model: of requests, and of tokens, of which a call takes
 * an unknown number. OpenAI and those who copy it send
 * `x-ratelimit-remaining-tokens: 0` and `x-ratelimit-reset-tokens: 6m0s`;
 * Anthropic `anthropic-ratelimit-input-tokens-remaining: 0` and `-reset` with a
 * date of RFC 3339.
 *
 * A quota that is used up counts, and of several the one with the longest wait. If
 * none is used up, the quota of requests counts. If nothing is said of what
 * remains, the quota counts that resets first.
 *
 * @param now milliseconds since 1970 by the server's clock
 */
export function readModelQuotas(
  headers: HeaderReader,
  now: number,
): QuotaState | undefined {
  const read = (unit: string, remaining: string, reset: string): Quota[] => {
    const left = headers(remaining);
    const quota = {
      countsCalls: unit === "requests",
      remaining: parseCount(left),
      resetMs: parseModelReset(headers(reset), now),
    };
    // Azure's -1, with a reset of 0, means that there is no such quota.
    return left !== undefined && quota.remaining === undefined ? [] : [quota];
  };
  return bind([
    ...OPENAI.flatMap((unit) =>
      read(unit, `x-ratelimit-remaining-${unit}`, `x-ratelimit-reset-${unit}`),
    ),
    ...ANTHROPIC.map((unit) => `anthropic-ratelimit-${unit}`).flatMap(
      (prefix, at) =>
        read(ANTHROPIC[at] ?? "", `${prefix}-remaining`, `${prefix}-reset`),
    ),
  ]);
}

interface Quota {
  readonly countsCalls: boolean;
  readonly remaining: number | undefined;
  readonly resetMs: number | undefined;
}

function bind(quotas: readonly Quota[]): QuotaState | undefined {
  const usedUp = quotas.filter(({ remaining }) => remaining === 0);
  if (usedUp.length > 0) {
    return quotaState({ remaining: 0, resetMs: resets(usedUp).at(-1) });
  }
  const ofCalls = quotas.find(
    ({ countsCalls, remaining }) => countsCalls && remaining !== undefined,
  );
  return quotaState(ofCalls ?? { resetMs: resets(quotas)[0] });
}

/** From the earliest to the latest. */
function resets(quotas: readonly Quota[]): number[] {
  return quotas
    .flatMap(({ resetMs }) => resetMs ?? [])
    .sort((one, other) => one - other);
}

function parseModelReset(
  text: string | undefined,
  now: number,
): number | undefined {
  const ms = text === undefined ? undefined : parseDuration(text);
  return ms === undefined ? parseReset(text, now) : plausibleDelay(ms);
}

import type { HeaderReader } from "./header-reader.js";
import { parseReset, plausibleDelay } from "./parse-delay.js";
import { parseCount, plausibleCount } from "./parse-number.js";
import { type QuotaState, quotaState, type Rate } from "./quota-state.js";
import {
  parseStructuredDictionary,
  parseStructuredList,
} from "./structured-field.js";

/**
 * Reads the quota of draft-ietf-httpapi-ratelimit-headers: in the form that it
 * has since version 08, else in the older ones.
 *
 * @param now milliseconds since 1970 by the server's clock
 */
export function readIetfQuota(
  headers: HeaderReader,
  now: number,
): QuotaState | undefined {
  return readRateLimitField(headers) ?? readRateLimitDrafts(headers, now);
}

/**
 * Reads `RateLimit: "name";r=0;t=12, "other";r=5;t=1` and the policy of that
 * name in `RateLimit-Policy: "name";q=50;w=1`, as
 * draft-ietf-httpapi-ratelimit-headers has them since version 08. Of several
 * quotas the one counts of which the least is left, then the one with the longest
 * wait. A quota of something else than requests counts when nothing is left.
 */
function readRateLimitField(headers: HeaderReader): QuotaState | undefined {
  const items = parseStructuredList(headers("ratelimit"));
  if (items === undefined) return undefined;
  const policies = readQuotaPolicies(headers("ratelimit-policy"));
  const [binding] = items
    .map(({ value, parameters }) => {
      const seconds = parameters.get("t");
      return {
        remaining: plausibleCount(parameters.get("r")),
        resetMs:
          typeof seconds === "number"
            ? plausibleDelay(seconds * 1_000)
            : undefined,
        policy: policies.find(({ name }) => name === value),
      };
    })
    .filter(({ remaining, policy }) =>
      // How many bytes or slots are left says nothing about calls.
      policy?.countsCalls === false ? remaining === 0 : remaining !== undefined,
    )
    .sort(
      (a, b) =>
        (a.remaining ?? 0) - (b.remaining ?? 0) ||
        (b.resetMs ?? -1) - (a.resetMs ?? -1),
    );
  return binding && quotaState({ ...binding, rate: binding.policy?.rate });
}

/**
 * Reads the fields of draft-ietf-httpapi-ratelimit-headers before 08:
 * `RateLimit: limit=100, remaining=0, reset=5` (07), and `RateLimit-Limit`,
 * `-Remaining` and `-Reset` (to 06). The rate is that of the policy whose limit is
 * in force, or of the only policy. A reset is in seconds from now; GitLab's, in
 * seconds since 1970, is known by its size.
 *
 * @param now milliseconds since 1970 by the server's clock
 */
function readRateLimitDrafts(
  headers: HeaderReader,
  now: number,
): QuotaState | undefined {
  const limitField = headers("ratelimit-limit");
  const combined = parseStructuredDictionary(headers("ratelimit"));
  const reset = combined?.get("reset")?.value;
  const limit =
    plausibleCount(combined?.get("limit")?.value) ??
    parseCount(firstItem(limitField));
  const rates = [
    ...readQuotaPolicies(headers("ratelimit-policy")),
    ...readQuotaPolicies(limitField),
  ].flatMap(({ rate }) => rate ?? []);
  return quotaState({
    remaining:
      plausibleCount(combined?.get("remaining")?.value) ??
      parseCount(firstItem(headers("ratelimit-remaining"))),
    resetMs:
      (typeof reset === "number" ? plausibleDelay(reset * 1_000) : undefined) ??
      parseReset(wholeItem(headers("ratelimit-reset")), now),
    rate:
      rates.find((rate) => rate.limit === limit) ??
      (rates.length === 1 ? rates[0] : undefined),
  });
}

/** `100` of `100, 100;w=60`. */
function firstItem(text: string | undefined): string | undefined {
  return wholeItem(text?.split(",", 1)[0]);
}

/** `76` of `76;w=21600`, as Docker Hub sends it. */
function wholeItem(text: string | undefined): string | undefined {
  return text?.split(";", 1)[0]?.trim();
}

/** A quota that a server declares, whatever is left of it. */
interface QuotaPolicy {
  /** `undefined` in drafts before 08. */
  readonly name: string | undefined;
  /** It counts requests, and not bytes or what runs at a time. */
  readonly countsCalls: boolean;
  /** Only if it counts calls in a window of time. */
  readonly rate: Rate | undefined;
}

/**
 * Reads `RateLimit-Policy` of draft-ietf-httpapi-ratelimit-headers: since 08
 * `"name";q=100;w=60`, before that (and in `RateLimit-Limit`) `100;w=60`.
 */
function readQuotaPolicies(text: string | undefined): QuotaPolicy[] {
  return (parseStructuredList(text) ?? []).map(({ value, parameters }) => {
    const named = typeof value === "string";
    const unit = parameters.get("qu") ?? "requests";
    const countsCalls = unit === "requests" || unit === "request";
    const limit = plausibleCount(named ? parameters.get("q") : value);
    const seconds = parameters.get("w");
    const intervalMs =
      typeof seconds === "number" ? plausibleDelay(seconds * 1_000) : undefined;
    return {
      name: named ? value : undefined,
      countsCalls,
      rate:
        countsCalls && limit && intervalMs ? { limit, intervalMs } : undefined,
    };
  });
}

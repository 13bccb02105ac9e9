import { nameRates } from "../limits/name-rates.js";
import type { SharedLimit } from "../limits/shared-limits.js";
import { ratesOf } from "../policy/rate-limit.js";
import type { BoundCall } from "../schedule/scheduled-call.js";
import type { LowerBound } from "./batch-report.js";
import { type Attempt, capBound, rateBound } from "./limit-bounds.js";
import type { Paths } from "./paths-around.js";

type Candidate = Pick<LowerBound, "ms" | "by" | "limit">;

/**
 * Finds the lower bound of a batch that took `durationMs`, which it never exceeds:
 * where a limit was changed during the batch, or is kept by another clock, a
 * batch can be faster than its limits would allow.
 *
 * @param runMs the running times of each call's attempts
 * @param bound the limits and the cost of each call that was started
 */
export function findLowerBound(
  durationMs: number,
  paths: Paths,
  runMs: readonly (readonly number[])[],
  bound: readonly (BoundCall | undefined)[],
): LowerBound {
  const attempts = runMs.map((runs, position) =>
    attemptsOf(runs, position, paths, bound[position]?.cost ?? 1),
  );
  let best: Candidate = { ms: paths.longestMs, by: "path" };
  for (const { limit, positions } of usersOfLimits(bound)) {
    const users = positions.flatMap((position) => attempts[position]!);
    for (const candidate of boundsOf(limit, users)) {
      if (candidate.ms > best.ms) best = candidate;
    }
  }
  const ms = Math.min(best.ms, durationMs);
  return { ...best, ms, ...(ms > 0 && { ratio: durationMs / ms }) };
}

/** The attempts of one call, which follow one another as the calls of a path. */
function attemptsOf(
  runs: readonly number[],
  position: number,
  paths: Paths,
  cost: number,
): Attempt[] {
  let before = paths.before[position]!;
  let after = paths.after[position]!;
  for (const ms of runs) after += ms;
  return runs.map((ms) => {
    after -= ms;
    const attempt = { ms, before, after, cost };
    before += ms;
    return attempt;
  });
}

function boundsOf(
  { name, concurrency, rateLimit }: SharedLimit,
  users: readonly Attempt[],
): Candidate[] {
  const found: Candidate[] = [];
  if (concurrency !== undefined) {
    const ms = capBound(users, concurrency);
    found.push({ ms, by: "concurrency", limit: name });
  }
  const rates = ratesOf(rateLimit);
  const names = nameRates(name, rates);
  for (const [i, rate] of rates.entries()) {
    found.push({ ms: rateBound(users, rate), by: "rate", limit: names[i]! });
  }
  return found;
}

/** Each declared limit with the positions of the calls that it applied to. */
function usersOfLimits(bound: readonly (BoundCall | undefined)[]) {
  const groups = new Map<BoundCall["limits"], number[]>();
  bound.forEach((call, position) => {
    if (call === undefined || call.limits.length === 0) return;
    const positions = groups.get(call.limits);
    if (positions === undefined) groups.set(call.limits, [position]);
    else positions.push(position);
  });
  const users = new Map<string, { limit: SharedLimit; positions: number[] }>();
  for (const [limits, positions] of groups) {
    for (const limit of limits.flatMap(({ declared }) => declared)) {
      // Limits with the same name are one limit; a cap and a rate stay apart.
      const kinds = `${limit.concurrency === undefined}${limit.rateLimit === undefined}`;
      const key = `${kinds} ${limit.name}`;
      const known = users.get(key);
      if (known === undefined) {
        users.set(key, { limit, positions: [...positions] });
      } else {
        for (const position of positions) known.positions.push(position);
      }
    }
  }
  return users.values();
}

import type { SharedLimit } from "@/limits/shared-limits.js";
import type { ResolvedRateLimit } from "@/policy/rate-limit.js";

/** A call that had its permit from `startAt` to `endAt`. */
export interface Start {
  readonly limits: readonly SharedLimit[];
  readonly cost: number;
  readonly startAt: number;
  readonly endAt: number;
}

/** Where a limit was exceeded, worked out from the starts alone. */
export function violations(
  limits: readonly SharedLimit[],
  starts: readonly Start[],
): string[] {
  return limits.flatMap((limit) => {
    const users = starts
      .filter((start) => start.limits.includes(limit))
      .sort((a, b) => a.startAt - b.startAt);
    return [...rateProblems(limit, users), ...capProblems(limit, users)];
  });
}

function capProblems({ name, concurrency }: SharedLimit, users: Start[]) {
  if (concurrency === undefined) return [];
  return users.flatMap(({ startAt }) => {
    const running = users.filter(
      (user) => user.startAt <= startAt && user.endAt > startAt,
    ).length;
    return running > concurrency
      ? [`${name}: ${running} run at ${startAt}`]
      : [];
  });
}

function rateProblems({ name, rateLimit }: SharedLimit, users: Start[]) {
  return [rateLimit ?? []]
    .flat()
    .flatMap((rate) => problemsOf(name, rate, users));
}

function problemsOf(name: string, rate: ResolvedRateLimit, users: Start[]) {
  const { algorithm, limit, intervalMs, jitterMs, burst, counts } = rate;
  const isWindow = algorithm === "sliding-window";
  return users.flatMap(({ startAt: from }, first) => {
    let used = 0;
    for (const { startAt, cost } of users.slice(first)) {
      const passed = startAt - from;
      if (isWindow && passed >= intervalMs + jitterMs) break;
      used += counts === "calls" ? 1 : cost;
      // A timer of whole milliseconds may be late by almost one of them.
      const most = isWindow
        ? limit
        : burst + ((passed + 1) * limit) / intervalMs;
      if (used > most + 1e-6) return [`${name}: ${used} in ${passed} ms`];
    }
    return [];
  });
}

import type { BatchReport } from "parallel-tools-node";
import type { GeneratedBatch } from "./arbitrary-batch.js";

interface Ran {
  readonly ms: number;
  readonly before: number;
  readonly after: number;
  readonly cost: number;
  readonly limits: readonly number[];
}

/**
 * The lower bound of a batch without retries, by the formulas as they are
 * written: every a and every c is tried for every limit.
 */
export function boundByBruteForce(
  batch: GeneratedBatch,
  { calls }: BatchReport,
): number {
  const ms = calls.map(({ runs: [run] }) =>
    run === undefined ? 0 : run.endMs - run.startMs,
  );
  const before = (i: number): number =>
    Math.max(
      0,
      ...batch.calls[i]!.dependsOn.map((d) => before(d) + (ms[d] ?? 0)),
    );
  const after = (i: number): number =>
    Math.max(
      0,
      ...batch.calls.flatMap(({ dependsOn }, j) =>
        dependsOn.includes(i) ? [after(j) + (ms[j] ?? 0)] : [],
      ),
    );
  const all: Ran[] = calls.map((_, i) => ({
    ...batch.calls[i]!,
    ms: ms[i] ?? 0,
    before: before(i),
    after: after(i),
  }));
  const ran = all.filter((_, i) => calls[i]?.attempts === 1);
  const paths = all.map((one) => one.before + one.ms + one.after);
  const bounds = batch.limits.flatMap((limit, k) =>
    ran.flatMap((from) =>
      ran.map((to) => {
        const users = ran.filter(({ limits }) => limits.includes(k));
        if (limit.rateLimit === undefined) {
          const work = users
            .filter((u) => u.before >= from.before && u.after >= to.after)
            .map((u) => u.ms);
          if (work.length === 0) return 0;
          return from.before + sum(work) / Number(limit.concurrency) + to.after;
        }
        const ahead = to.ms + to.after;
        const costs = users
          .filter((u) => u.before >= from.before && u.ms + u.after >= ahead)
          .map((u) => u.cost);
        if (costs.length === 0) return 0;
        const taken = [limit.rateLimit].flat().map((rate) => {
          const tokens = rate.counts === "calls" ? costs.length : sum(costs);
          return rate.algorithm === "token-bucket"
            ? (Math.max(0, tokens - rate.burst) * rate.intervalMs) / rate.limit
            : Math.floor((tokens - 1) / rate.limit) * rate.intervalMs;
        });
        return from.before + Math.max(...taken) + ahead;
      }),
    ),
  );
  return Math.max(0, ...paths, ...bounds);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

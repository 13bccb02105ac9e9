import type { BatchReport } from "../batch-report.js";
import { type Segment, timelineOf } from "../timeline.js";

/** A part of the time that a batch took. */
export interface PathPart {
  readonly kind: Segment["kind"];
  /** At which limit was waited, if at one. */
  readonly limit?: string;
  readonly ms: number;
}

/**
 * Where the time of a batch went: what the calls of its critical path did, each
 * after the one before had ended. The largest part comes first.
 */
export function pathTime({ calls, criticalPath }: BatchReport): PathPart[] {
  const byIndex = new Map(calls.map((call) => [call.index, call]));
  const parts = new Map<string, PathPart>();
  let fromMs = 0;
  for (const index of criticalPath) {
    const call = byIndex.get(index);
    if (call === undefined) continue;
    for (const { kind, startMs, endMs, wait } of timelineOf(call)) {
      const ms = endMs - Math.max(startMs, fromMs);
      if (!(ms > 0)) continue;
      const limit = wait !== undefined && "limit" in wait ? wait.limit : "";
      const key = `${kind} ${limit}`;
      const before = parts.get(key)?.ms ?? 0;
      parts.set(key, { kind, ms: before + ms, ...(limit && { limit }) });
    }
    fromMs = call.endMs;
  }
  return [...parts.values()].sort((a, b) => b.ms - a.ms);
}

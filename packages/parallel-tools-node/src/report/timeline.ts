import type { CallReport, Wait, WaitReason } from "./batch-report.js";

/** A stretch of a call's time, as it is drawn. */
export interface Segment {
  /** `"failed"`: an attempt that was followed by another, or by an error. */
  readonly kind: WaitReason | "running" | "failed";
  readonly startMs: number;
  readonly endMs: number;
  /** What it is the drawing of, if the call waited. */
  readonly wait?: Wait;
}

/** What a call did, from the start of the batch to its end, in that order. */
export function timelineOf({ waits, runs, outcome }: CallReport): Segment[] {
  const segments = [
    ...waits.map((wait): Segment => {
      const { startMs, ms } = wait;
      return { kind: wait.for, startMs, endMs: startMs + ms, wait };
    }),
    ...runs.map(({ startMs, endMs }, attempt): Segment => {
      const hasFailed = attempt < runs.length - 1 || outcome === "error";
      return { kind: hasFailed ? "failed" : "running", startMs, endMs };
    }),
  ];
  return segments.sort((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
}

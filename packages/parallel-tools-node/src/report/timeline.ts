import type { OutcomeStatus } from "../schedule/outcome.js";
import type { CallReport, Wait, WaitReason } from "./batch-report.js";

/** `"failed"`: an attempt after which the call was run again, or failed. */
export type RunKind = "running" | "failed";

/** One wait or one attempt of a call, as it is drawn. */
export interface Segment {
  readonly kind: WaitReason | RunKind;
  readonly startMs: number;
  readonly endMs: number;
  /** The wait; missing where the segment is an attempt. */
  readonly wait?: Wait;
}

/** How the last attempt of a call is drawn. */
const LAST_RUN = {
  ok: "running",
  error: "failed",
  skipped: "running",
  deferred: "running",
  refused: "running",
  interrupted: "running",
  aborted: "running",
} satisfies Record<OutcomeStatus, RunKind>;

/** The waits and attempts of a call, in the order of time. */
export function timelineOf({ waits, runs, outcome }: CallReport): Segment[] {
  const segments = [
    ...waits.map((wait): Segment => {
      const { startMs, ms } = wait;
      return { kind: wait.for, startMs, endMs: startMs + ms, wait };
    }),
    ...runs.map(({ startMs, endMs }, i): Segment => {
      const isLast = i === runs.length - 1;
      return { kind: isLast ? LAST_RUN[outcome] : "failed", startMs, endMs };
    }),
  ];
  return segments.sort((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
}

/** Whether a segment of this kind is an attempt; otherwise it is a wait. */
export function isRun(kind: Segment["kind"]): kind is RunKind {
  return kind === "running" || kind === "failed";
}

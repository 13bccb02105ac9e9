import type { CallReport } from "../batch-report.js";
import { type Segment, timelineOf } from "../timeline.js";
import { jsonOf } from "../words/json-of.js";
import { MOST_NAME, printable } from "../words/printable.js";
import { describeWait } from "../words/wait-words.js";
import type { TraceArgs, TraceEvent } from "./chrome-trace.js";

const MOST_ARGUMENTS = 10_000;

/** Whose events they are, and when its batch began, in milliseconds. */
export interface CallPlace {
  readonly pid: number;
  readonly beganMs: number;
}

/** What a call did: a slice for each wait and each attempt. */
export function callEvents(call: CallReport, place: CallPlace): TraceEvent[] {
  const tid = call.ordinal;
  const { pid, beganMs } = place;
  const name = printable(call.name, MOST_NAME);
  const args = argsOf(call);
  const events: TraceEvent[] = [
    { ...metadata("thread_name", `${call.ordinal} ${name}`), pid, tid },
    { ...sortIndex("thread_sort_index", call.index), pid, tid },
  ];
  for (const segment of timelineOf(call)) {
    const { ts, dur } = sliceOf(segment, beganMs);
    events.push(
      segment.wait === undefined
        ? { ph: "X", name, cat: "run", ts, dur, pid, tid, args }
        : {
            ph: "X",
            name: `waits for ${describeWait(segment.wait)}`,
            cat: "wait",
            ts,
            dur,
            pid,
            tid,
            args: {},
          },
    );
  }
  if (call.attempts === 0) {
    const ts = microseconds(beganMs + call.endMs);
    const what = call.sameAs === undefined ? call.outcome : "shared answer";
    const cat = "outcome";
    events.push({ ph: "i", s: "t", name: what, cat, ts, pid, tid, args });
  }
  return events;
}

/** An arrow from the end of a call's last attempt to another's first. */
export function arrowEvents(
  from: CallReport,
  to: CallReport,
  place: CallPlace,
): TraceEvent[] {
  const source = timelineOf(from).findLast(({ wait }) => wait === undefined);
  const target = timelineOf(to).find(({ wait }) => wait === undefined);
  if (source === undefined || target === undefined) return [];
  const { pid, beganMs } = place;
  const start = sliceOf(source, beganMs);
  const arrow = {
    id: `${pid}:${from.ordinal}-${to.ordinal}`,
    name: "dependency",
    cat: "dependency",
    pid,
  } as const;
  return [
    // Within the slice, whose end is no part of it.
    {
      ...arrow,
      ph: "s",
      tid: from.ordinal,
      ts: rounded(
        start.ts + Math.max(0, start.dur - Math.min(1, start.dur / 2)),
      ),
    },
    {
      ...arrow,
      ph: "f",
      bp: "e",
      tid: to.ordinal,
      ts: sliceOf(target, beganMs).ts,
    },
  ];
}

export function metadata(
  name: "process_name" | "thread_name",
  text: string,
): Pick<TraceEvent & { ph: "M" }, "ph" | "name" | "args"> {
  return { ph: "M", name, args: { name: text } };
}

export function sortIndex(
  name: "process_sort_index" | "thread_sort_index",
  index: number,
): Pick<TraceEvent & { ph: "M" }, "ph" | "name" | "args"> {
  return { ph: "M", name, args: { sort_index: index } };
}

function argsOf(call: CallReport): TraceArgs {
  const { id, ordinal, outcome, attempts, dependsOn } = call;
  const json = "args" in call ? jsonOf(call.args) : undefined;
  return {
    call: ordinal,
    outcome,
    attempts,
    ...(id !== undefined && { id: printable(id, MOST_NAME) }),
    ...(dependsOn.length > 0 && {
      depends_on: dependsOn.map(({ index }) => index + 1),
    }),
    ...(json !== undefined && {
      arguments: printable(json, MOST_ARGUMENTS),
    }),
  };
}

/** Both ends are rounded, so that slices that meet don't overlap. */
function sliceOf({ startMs, endMs }: Segment, beganMs: number) {
  const ts = microseconds(beganMs + startMs);
  return { ts, dur: rounded(microseconds(beganMs + endMs) - ts) };
}

function microseconds(ms: number): number {
  return rounded(ms * 1_000);
}

/** To nanoseconds, which is finer than any clock here. */
function rounded(us: number): number {
  return Math.round(us * 1_000) / 1_000;
}

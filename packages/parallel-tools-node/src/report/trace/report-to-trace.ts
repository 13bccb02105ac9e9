import type {
  BatchReport,
  CallReport,
  DiscardedCall,
} from "../batch-report.js";
import { nodesIn, type ReportNode, treesOf } from "../report-tree.js";
import { type Segment, timelineOf } from "../timeline.js";
import { OUTCOME_WORDS } from "../words/call-words.js";
import { jsonOf } from "../words/json-of.js";
import { MOST_NAME, printable } from "../words/printable.js";
import { describeWait } from "../words/wait-words.js";
import type { ChromeTrace, TraceArgs, TraceEvent } from "./chrome-trace.js";

/** The most characters of a call's arguments. */
const MOST_ARGUMENTS = 10_000;

/** The thread with the slice of a whole batch. Those of calls count from 1. */
const BATCH_THREAD = 0;
/** The thread of early runs that nobody took. No message has so many calls. */
const DISCARDED_THREAD = 2 ** 31 - 1;

/**
 * Writes a trace for `chrome://tracing`, https://ui.perfetto.dev or the
 * performance panel of a browser; save it as JSON. Each batch is a process, each
 * of its calls a thread, with a slice for every wait and every attempt and arrows
 * for dependencies. Batches are placed by the time at which they began. One that
 * ran inside of a call comes after the batch of that call, with an arrow from it.
 * Arguments are in the trace only where the report has them.
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { type BatchReport, ParallelToolNode } from "parallel-tools-node";
 * import { reportToTrace } from "parallel-tools-node/report";
 *
 * const reports: BatchReport[] = [];
 *
 * export const tools = new ParallelToolNode([], {
 *   onReport: (report) => reports.push(report),
 * });
 *
 * process.on("exit", () => {
 *   writeFileSync("trace.json", JSON.stringify(reportToTrace(reports)));
 * });
 * ```
 */
export function reportToTrace(
  reports: BatchReport | readonly BatchReport[],
): ChromeTrace {
  const batches = [reports].flat();
  const first = batches.reduce(
    (least, { beganAt }) => Math.min(least, beganAt),
    Number.POSITIVE_INFINITY,
  );
  const places = new Map<ReportNode, BatchPlace>();
  for (const root of treesOf(batches)) {
    const rootMs = root.report.beganAt - first;
    for (const { node, around } of nodesIn([root])) {
      places.set(node, {
        pid: places.size + 1,
        beganMs: rootMs + node.fromMs,
        around: around && places.get(around)?.pid,
      });
    }
  }
  return {
    traceEvents: [...places].flatMap(([node, place]) => [
      ...batchEvents(node.report, place),
      ...[...node.inside].flatMap(([index, inside]) => {
        const call = node.report.calls.find((one) => one.index === index)!;
        return inside.flatMap((one) =>
          insideEvents(one.report, places.get(one)!, call, place),
        );
      }),
    ]),
    displayTimeUnit: "ms",
  };
}

/** The batch of an event. */
interface BatchPlace {
  readonly pid: number;
  /** When the batch began, in milliseconds since the trace begins. */
  readonly beganMs: number;
  /** The `pid` of the batch inside of which it ran. */
  readonly around: number | undefined;
}

function batchEvents(
  { calls, shape, inside, discarded = [] }: BatchReport,
  place: BatchPlace,
): TraceEvent[] {
  const { pid, around } = place;
  const byIndex = new Map(calls.map((call) => [call.index, call]));
  const where =
    inside === undefined || around === undefined
      ? ""
      : `, inside of ${inside.index + 1} ${printable(inside.name, MOST_NAME)} of batch ${around}`;
  const name = `batch ${pid}: ${calls.length} calls, ${shape}${where}`;
  return [
    metadata("process_name", { name }, pid, 0),
    metadata("process_sort_index", { sort_index: pid }, pid, 0),
    ...calls.flatMap((call) => callEvents(call, place)),
    ...discardedEvents(discarded, calls.length, place),
    ...calls.flatMap((call) =>
      call.dependsOn.flatMap(({ index }) => {
        const from = byIndex.get(index);
        return from === undefined ? [] : arrowEvents(from, call, place);
      }),
    ),
  ];
}

/** Slices for early runs that were of no use, in a row behind the calls. */
function discardedEvents(
  discarded: readonly DiscardedCall[],
  calls: number,
  { pid, beganMs }: BatchPlace,
): TraceEvent[] {
  if (discarded.length === 0) return [];
  const tid = DISCARDED_THREAD;
  return [
    metadata("thread_name", { name: "discarded early runs" }, pid, tid),
    metadata("thread_sort_index", { sort_index: calls + 1 }, pid, tid),
    ...discarded.map(({ name, startMs, endMs, why }): TraceEvent => {
      // It may have begun before the first call of the message was complete.
      const run = {
        kind: "failed",
        startMs: Math.max(0, startMs),
        endMs,
      } as const;
      return {
        ph: "X",
        name: printable(name, MOST_NAME),
        cat: "discarded",
        pid,
        tid,
        ...sliceOf(run, beganMs),
        args: { why },
      };
    }),
  ];
}

/** A slice for a batch as a whole, and an arrow to it from the call around it. */
function insideEvents(
  { durationMs }: BatchReport,
  { pid, beganMs }: BatchPlace,
  call: CallReport,
  around: BatchPlace,
): TraceEvent[] {
  const tid = BATCH_THREAD;
  const whole = { kind: "running", startMs: 0, endMs: durationMs } as const;
  const slice = sliceOf(whole, beganMs);
  const events: TraceEvent[] = [
    metadata("thread_name", { name: "all calls" }, pid, tid),
    metadata("thread_sort_index", { sort_index: -1 }, pid, tid),
    {
      ph: "X",
      name: `batch ${pid}`,
      cat: "batch",
      pid,
      tid,
      ...slice,
      args: {},
    },
  ];
  const runs = timelineOf(call)
    .filter(({ wait }) => wait === undefined)
    .map((run) => sliceOf(run, around.beganMs));
  const from = runs.find(({ ts, dur }) => isWithin(slice.ts, ts, dur));
  if (from === undefined) return events;
  const arrow = { id: `${pid}:inside`, name: "inside", cat: "inside" } as const;
  return [
    ...events,
    { ...arrow, ph: "s", pid: around.pid, tid: call.ordinal, ts: slice.ts },
    { ...arrow, ph: "f", bp: "e", pid, tid, ts: slice.ts },
  ];
}

function isWithin(at: number, ts: number, dur: number): boolean {
  return at >= ts && (at < ts + dur || at === ts);
}

/** A slice for each wait and each attempt of a call. */
function callEvents(call: CallReport, place: BatchPlace): TraceEvent[] {
  const tid = call.ordinal;
  const { pid, beganMs } = place;
  const name = printable(call.name, MOST_NAME);
  const args = argsOf(call);
  const events: TraceEvent[] = [
    metadata("thread_name", { name: `${call.ordinal} ${name}` }, pid, tid),
    metadata("thread_sort_index", { sort_index: call.index }, pid, tid),
  ];
  const segments = timelineOf(call);
  for (const [i, segment] of segments.entries()) {
    const { ts, dur } = sliceOf(segment, beganMs, segments[i + 1]);
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
    events.push({
      ph: "i",
      s: "t",
      name:
        call.sameAs === undefined
          ? OUTCOME_WORDS[call.outcome]
          : "shared answer",
      cat: "outcome",
      ts: microseconds(beganMs + call.endMs),
      pid,
      tid,
      args,
    });
  }
  return events;
}

/** An arrow from the end of a call's last attempt to another's first. */
function arrowEvents(
  from: CallReport,
  to: CallReport,
  { pid, beganMs }: BatchPlace,
): TraceEvent[] {
  const source = timelineOf(from).findLast(({ wait }) => wait === undefined);
  const target = timelineOf(to).find(({ wait }) => wait === undefined);
  if (source === undefined || target === undefined) return [];
  const { ts, dur } = sliceOf(source, beganMs);
  const arrow = {
    id: `${pid}:${from.ordinal}-${to.ordinal}`,
    name: "dependency",
    cat: "dependency",
    pid,
  } as const;
  return [
    {
      ...arrow,
      ph: "s",
      tid: from.ordinal,
      // Shortly before the end, which is no part of the slice.
      ts: rounded(ts + Math.max(0, dur - Math.min(1, dur / 2))),
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

function metadata(
  name: (TraceEvent & { ph: "M" })["name"],
  args: TraceArgs,
  pid: number,
  tid: number,
): TraceEvent {
  return { ph: "M", name, args, pid, tid };
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

/**
 * Where a segment is drawn. One that ends when the next begins must not overlap
 * it, also where the sums of their times differ in the last digit.
 */
function sliceOf(
  { startMs, endMs }: Segment,
  beganMs: number,
  next?: Segment,
): { readonly ts: number; readonly dur: number } {
  const ts = microseconds(beganMs + startMs);
  const end = microseconds(beganMs + endMs);
  const nextTs = next && microseconds(beganMs + next.startMs);
  const meets = nextTs !== undefined && Math.abs(end - nextTs) < 1;
  return { ts, dur: Math.max(0, (meets ? nextTs : end) - ts) };
}

function microseconds(ms: number): number {
  return rounded(ms * 1_000);
}

/**
 * Quarters of a microsecond: their sums are exact for the time since 1970. With
 * any other fraction a slice might end after the next one begins.
 */
function rounded(us: number): number {
  return Math.round(us * 4) / 4;
}

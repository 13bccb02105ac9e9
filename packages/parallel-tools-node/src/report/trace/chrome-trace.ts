/**
 * A trace for `chrome://tracing`, Perfetto and the DevTools of Chromium, in the
 * JSON Object Format of "Trace Event Format" (The Chromium Project,
 * https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU).
 * Times are microseconds.
 */
export interface ChromeTrace {
  readonly traceEvents: TraceEvent[];
  readonly displayTimeUnit: "ms";
}

/** Where an event is shown: a batch is a process, a call one of its threads. */
interface TracePlace {
  readonly pid: number;
  readonly tid: number;
}

/** What a viewer shows in the details of an event. */
export type TraceArgs = Readonly<Record<string, unknown>>;

/** The events that are written: complete, instant, flow and metadata events. */
export type TraceEvent = TracePlace &
  (
    | {
        readonly ph: "X";
        readonly name: string;
        readonly cat: "run" | "wait" | "batch" | "discarded";
        readonly ts: number;
        readonly dur: number;
        readonly args: TraceArgs;
      }
    | {
        readonly ph: "i";
        readonly s: "t";
        readonly name: string;
        readonly cat: "outcome";
        readonly ts: number;
        readonly args: TraceArgs;
      }
    | {
        /** `s` starts an arrow, `f` ends it, with `bp: "e"` at the slice around. */
        readonly ph: "s" | "f";
        readonly bp?: "e";
        readonly id: string;
        readonly name: string;
        readonly cat: "dependency" | "inside";
        readonly ts: number;
      }
    | {
        readonly ph: "M";
        readonly name:
          | "process_name"
          | "process_sort_index"
          | "thread_name"
          | "thread_sort_index";
        readonly args: TraceArgs;
      }
  );

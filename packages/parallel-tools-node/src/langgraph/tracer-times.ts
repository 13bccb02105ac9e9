/**
 * The host's secret: a tracer of LangChain, LangSmith's among them, dates a run when it
 * is told of it. What is told later than it happened would get the wrong times.
 *
 * Read in @langchain/core 1.4.0 (`tracers/base`): a run gets its place in the trace in
 * `_addRunToRunMap`, by its start, and is sent at its end by `_endTrace`.
 */

/** A run, as a tracer keeps it. Times are milliseconds since 1970. */
export interface TracedRun {
  readonly id: string;
  readonly run_type: string;
  readonly parent_run_id?: string;
  start_time: number;
  end_time?: number;
  readonly events: { name: string; time: string }[];
}

/** When a run really began and ended. `undefined`: now. */
export interface RealTimes {
  startOf(run: TracedRun): number | undefined;
  endOf(run: TracedRun): number | undefined;
}

interface Tracer {
  _addRunToRunMap(run: TracedRun): TracedRun;
  _endTrace(run: TracedRun): Promise<void>;
}

function isTracer(handler: object): handler is object & Tracer {
  return "_addRunToRunMap" in handler && "_endTrace" in handler;
}

/** The same tracer, which dates the runs of which it is told by their real times. */
export function tracerWithTimes<Handler extends object>(
  handler: Handler,
  times: RealTimes,
): Handler {
  if (!isTracer(handler)) return handler;
  const tracer: Tracer = handler;
  const own: Tracer = {
    _addRunToRunMap(run) {
      const time = times.startOf(run);
      return tracer._addRunToRunMap.call(
        this,
        time === undefined
          ? run
          : { ...run, start_time: time, events: dated(run.events, time) },
      );
    },
    _endTrace(run) {
      const time = times.endOf(run);
      if (time !== undefined) {
        run.end_time = time;
        run.events.push(...dated(run.events.splice(-1), time));
      }
      return tracer._endTrace.call(this, run);
    },
  };
  return Object.assign(Object.create(handler) as Handler, own);
}

function dated(
  events: TracedRun["events"],
  time: number,
): { name: string; time: string }[] {
  return events.map((event) => ({
    ...event,
    time: new Date(time).toISOString(),
  }));
}

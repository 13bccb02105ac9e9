import type { BatchReport } from "../batch-report.js";
import { arrowEvents, callEvents, metadata, sortIndex } from "./call-events.js";
import type { ChromeTrace, TraceEvent } from "./chrome-trace.js";

/**
 * A trace for `chrome://tracing`, https://ui.perfetto.dev or the performance
 * panel of a browser, to be written to a file as JSON. Each batch is a process,
 * each of its calls a thread, with a slice for every wait and every attempt and
 * arrows for dependencies. Batches stand where they were in time. Arguments are
 * in it only where the report has them.
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
  return {
    traceEvents: batches.flatMap((report, i) =>
      batchEvents(report, i + 1, report.beganAt - first),
    ),
    displayTimeUnit: "ms",
  };
}

function batchEvents(
  { calls, shape }: BatchReport,
  pid: number,
  beganMs: number,
): TraceEvent[] {
  const place = { pid, beganMs };
  const byIndex = new Map(calls.map((call) => [call.index, call]));
  const name = `batch ${pid}: ${calls.length} calls, ${shape}`;
  return [
    { ...metadata("process_name", name), pid, tid: 0 },
    { ...sortIndex("process_sort_index", pid), pid, tid: 0 },
    ...calls.flatMap((call) => callEvents(call, place)),
    ...calls.flatMap((call) =>
      call.dependsOn.flatMap(({ index }) => {
        const from = byIndex.get(index);
        return from === undefined ? [] : arrowEvents(from, call, place);
      }),
    ),
  ];
}

import type { TracerProvider } from "@opentelemetry/api";
import type {
  BatchReport,
  BatchTrace,
  BatchTracer,
  CallPlace,
  ProgressEvent,
  TracedBatch,
} from "parallel-tools-node";
import {
  type OpenTelemetryTracerOptions,
  openTelemetryTracer,
} from "parallel-tools-node/opentelemetry";
import {
  type ChromeTrace,
  type FormatReportOptions,
  formatReport,
  reportToHtml,
  reportToTrace,
  type ReportToHtmlOptions,
  type TraceEvent,
} from "parallel-tools-node/report";
import { describe, expectTypeOf, it } from "vitest";

declare const report: BatchReport;
declare const reports: readonly BatchReport[];

describe("what is drawn from a report", () => {
  it("is text, for one or many", () => {
    expectTypeOf(formatReport).parameters.toEqualTypeOf<
      [BatchReport | readonly BatchReport[], FormatReportOptions?]
    >();
    expectTypeOf(formatReport(report, { width: 80 })).toBeString();
    expectTypeOf(formatReport(reports)).toBeString();
    // @ts-expect-error -- there is no such option
    formatReport(report, { colour: true });
  });

  it("names the call around a batch, if there is one", () => {
    expectTypeOf(report.inside).toEqualTypeOf<CallPlace | undefined>();
    expectTypeOf<TracedBatch["inside"]>().toEqualTypeOf<
      CallPlace | undefined
    >();
    expectTypeOf<ProgressEvent["inside"]>().toEqualTypeOf<
      CallPlace | undefined
    >();
    expectTypeOf(report.batchId).toBeString();
  });

  it("is HTML and a trace, for one or many", () => {
    expectTypeOf(reportToHtml(report)).toBeString();
    expectTypeOf(reportToHtml(reports, { titles: ["a"] })).toBeString();
    expectTypeOf<ReportToHtmlOptions["title"]>().toEqualTypeOf<
      string | undefined
    >();
    expectTypeOf(reportToTrace(report)).toEqualTypeOf<ChromeTrace>();
    expectTypeOf(reportToTrace(reports).traceEvents).toEqualTypeOf<
      TraceEvent[]
    >();
  });

  it("knows by the phase what an event has", () => {
    const [event] = reportToTrace(report).traceEvents;
    if (event?.ph === "X") expectTypeOf(event.dur).toBeNumber();
    if (event?.ph === "f") expectTypeOf(event.id).toBeString();
  });
});

describe("a tracer", () => {
  it("is what openTelemetryTracer gives", () => {
    expectTypeOf(openTelemetryTracer()).toEqualTypeOf<BatchTracer>();
    expectTypeOf<OpenTelemetryTracerOptions["tracerProvider"]>().toEqualTypeOf<
      TracerProvider | undefined
    >();
    // @ts-expect-error -- there is no such option
    openTelemetryTracer({ capture: true });
  });

  it("may be one of the application's own", () => {
    const own = {
      begin: ({ plan }: TracedBatch) =>
        plan.calls.length < 2
          ? undefined
          : {
              runCall: (_: unknown, run: () => void) => run(),
              endCall: () => {},
              end: () => {},
            },
    };
    expectTypeOf(own).toExtend<BatchTracer>();
    expectTypeOf<BatchTrace["end"]>().parameters.toEqualTypeOf<[BatchReport]>();
  });
});

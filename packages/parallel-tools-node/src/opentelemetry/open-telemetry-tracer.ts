import {
  context,
  type Context,
  isSpanContextValid,
  type Span,
  trace,
} from "@opentelemetry/api";
import type { BatchTracer } from "../report/batch-tracer.js";
import { BatchSpans } from "./batch-spans.js";
import {
  type OpenTelemetryTracerOptions,
  readTracerOptions,
} from "./tracer-options.js";

/**
 * Makes spans of batches and calls, for the `tracer` option of a node: one span
 * `execute_tools` for a batch, and in it one `execute_tool {name}` for each call
 * that ran, by OpenTelemetry's semantic conventions for generative AI. Spans of
 * a tool's own are children of its call's. A call's span links to those of the
 * calls that it depended on; attributes and events tell what it waited for.
 *
 * Without a registered provider it asks once per batch, and does nothing.
 *
 * @throws ConfigurationError for options that are not what they have to be
 * @example
 * ```ts
 * import { ParallelToolNode } from "parallel-tools-node";
 * import { openTelemetryTracer } from "parallel-tools-node/opentelemetry";
 *
 * export const tools = new ParallelToolNode([], {
 *   tracer: openTelemetryTracer(),
 * });
 * ```
 */
export function openTelemetryTracer(
  options: OpenTelemetryTracerOptions = {},
): BatchTracer {
  const resolved = readTracerOptions(options);
  return {
    begin({ beganAt }) {
      const provider = resolved.tracerProvider ?? trace;
      const tracer = provider.getTracer("parallel-tools-node");
      const outer = context.active();
      const span = tracer.startSpan(
        "execute_tools",
        { startTime: beganAt },
        outer,
      );
      if (isNothing(span, outer)) return undefined;
      const inner = trace.setSpan(outer, span);
      return new BatchSpans({
        ...resolved,
        tracer,
        span,
        context: inner,
        beganAt,
      });
    },
  };
}

/**
 * Whether nobody makes spans: then what comes is the outer span once more, or
 * none. One that is not sampled is another matter: those below must know.
 */
function isNothing(span: Span, outer: Context): boolean {
  if (span.isRecording()) return false;
  const spanContext = span.spanContext();
  return (
    !isSpanContextValid(spanContext) ||
    spanContext.spanId === trace.getSpanContext(outer)?.spanId
  );
}

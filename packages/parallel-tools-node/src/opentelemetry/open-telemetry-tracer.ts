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

/** The batches that run, by id. The one around a batch may have another tracer. */
const running = new Map<string, BatchSpans>();

/**
 * Makes spans of batches and calls, for the `tracer` option of a node: one span
 * `execute_tools` for a batch, and in it one `execute_tool {name}` for each call
 * that ran, by OpenTelemetry's semantic conventions for generative AI. Spans that
 * a tool makes itself are children of its call's span. A call's span links to the
 * spans of the calls that it depended on. The span of a batch that ran inside of a
 * call is in the span of that call. Attributes and events say what a call waited
 * for. A request to a limited model has a span `request_model`, which includes what it
 * waited for, and in it `request_model {name}`; a span of the model's own client is a
 * child of that one.
 *
 * Without a registered provider it makes no spans. It asks for one at the start
 * of each batch.
 *
 * @throws ConfigurationError for invalid options
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
    begin({ batchId, inside, kind, beganAt }) {
      const provider = resolved.tracerProvider ?? trace;
      const tracer = provider.getTracer("parallel-tools-node");
      const active = context.active();
      // Without an async context, no span is active in a tool.
      const around =
        trace.getSpan(active) === undefined && inside !== undefined
          ? running.get(inside.batchId)?.spanOf(inside.index)
          : undefined;
      const outer = around ? trace.setSpan(active, around) : active;
      const span = tracer.startSpan(
        kind === "model" ? "request_model" : "execute_tools",
        { startTime: beganAt },
        outer,
      );
      if (isWithoutProvider(span, outer)) return undefined;
      const spans = new BatchSpans({
        ...resolved,
        tracer,
        span,
        context: trace.setSpan(outer, span),
        beganAt,
        kind,
        onEnd: () => running.delete(batchId),
      });
      running.set(batchId, spans);
      return spans;
    },
  };
}

/**
 * Whether there is no provider: then the new span is the outer span once more, or
 * is invalid. A span that is not sampled is neither, and the spans below it must
 * have it as their parent.
 */
function isWithoutProvider(span: Span, outer: Context): boolean {
  if (span.isRecording()) return false;
  const spanContext = span.spanContext();
  return (
    !isSpanContextValid(spanContext) ||
    spanContext.spanId === trace.getSpanContext(outer)?.spanId
  );
}

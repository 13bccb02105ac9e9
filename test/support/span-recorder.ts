import { context, type Span, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";

/** A registered provider of spans that keeps what has ended. */
export class SpanRecorder {
  readonly provider: BasicTracerProvider;
  readonly #exporter = new InMemorySpanExporter();

  constructor(sampler?: Sampler) {
    this.provider = new BasicTracerProvider({
      ...(sampler && { sampler }),
      spanProcessors: [new SimpleSpanProcessor(this.#exporter)],
    });
  }

  /** From now on it is the provider of the process. */
  register(): void {
    trace.setGlobalTracerProvider(this.provider);
    context.setGlobalContextManager(
      new AsyncLocalStorageContextManager().enable(),
    );
  }

  unregister(): void {
    trace.disable();
    context.disable();
  }

  /** In the order in which they ended. */
  get spans(): ReadableSpan[] {
    return this.#exporter.getFinishedSpans();
  }

  /** A span of a tool's own, as its code would make it. */
  start(name: string): Span {
    return trace.getTracer("a tool").startSpan(name);
  }

  /** `["execute_tools 0-30 of -", "execute_tool a 0-10 of execute_tools"]`, by start. */
  lines(): string[] {
    const { spans } = this;
    const names = new Map(
      spans.map((span) => [span.spanContext().spanId, span.name]),
    );
    const first = Math.min(...spans.map(startMs));
    return spans
      .toSorted(
        (a, b) => startMs(a) - startMs(b) || a.name.length - b.name.length,
      )
      .map((span) => {
        const from = round(startMs(span) - first);
        const to = round(endMs(span) - first);
        const parent = span.parentSpanContext?.spanId ?? "";
        return `${span.name} ${from}-${to} of ${names.get(parent) ?? "-"}`;
      });
  }

  /** The one span of this name. */
  span(name: string): ReadableSpan {
    const found = this.spans.filter((span) => span.name === name);
    if (found.length !== 1) throw new Error(`${found.length} spans ${name}`);
    return found[0] as ReadableSpan;
  }
}

/** `["parallel_tools.wait 10 {...}"]`: times in milliseconds of the span. */
export function eventsOf(span: ReadableSpan) {
  return span.events.map(({ name, time, attributes }) => ({
    name,
    ms: round(time[0] * 1e3 + time[1] / 1e6 - startMs(span)),
    ...attributes,
  }));
}

function startMs({ startTime: [seconds, nanos] }: ReadableSpan): number {
  return seconds * 1e3 + nanos / 1e6;
}

function endMs({ endTime: [seconds, nanos] }: ReadableSpan): number {
  return seconds * 1e3 + nanos / 1e6;
}

/** To microseconds: what seconds and nanoseconds add up to is not exact. */
function round(ms: number): number {
  return Math.round(ms * 1e3) / 1e3;
}

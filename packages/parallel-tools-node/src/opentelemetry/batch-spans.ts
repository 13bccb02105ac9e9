import {
  context,
  type Context,
  type Link,
  type Span,
  SpanStatusCode,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import type { BatchKind } from "../report/batch-identity.js";
import type { BatchReport, CallReport } from "../report/batch-report.js";
import type {
  BatchTrace,
  CallEnd,
  TracedCall,
} from "../report/batch-tracer.js";
import { jsonOf } from "../report/words/json-of.js";
import { MOST_NAME, printable } from "../report/words/printable.js";
import {
  batchAttributes,
  callAttributes,
  endAttributes,
  startAttributes,
  waitAttributes,
} from "./attributes.js";
import { errorMessage, errorType } from "./error-type.js";
import type { ResolvedTracerOptions } from "./tracer-options.js";

/** The most characters of arguments, a result or a message in a span. */
const MOST_CONTENT = 10_000;

/** What the spans of one batch have in common. */
export interface BatchSpansOptions extends ResolvedTracerOptions {
  readonly tracer: Tracer;
  /** The span of the batch. */
  readonly span: Span;
  /** A context in which `span` is the active one. */
  readonly context: Context;
  /** Milliseconds since 1970. */
  readonly beganAt: number;
  /** `"model"`: its call is a request to a model. */
  readonly kind: BatchKind | undefined;
  /** The span of the batch has ended. */
  readonly onEnd: () => void;
}

/**
 * The spans of a batch. The span of a call lasts from its first attempt to its
 * end; a call that was not run has none. Waits before the first attempt are
 * events of the batch's span, since an event must lie within the time of its span.
 */
export class BatchSpans implements BatchTrace {
  readonly #options: BatchSpansOptions;
  /** The spans of calls that have started, by index. */
  readonly #spans = new Map<number, Span>();

  constructor(options: BatchSpansOptions) {
    this.#options = options;
  }

  runCall(call: TracedCall, run: () => void): void {
    let span = this.#spans.get(call.index);
    if (span === undefined) {
      span = this.#start(call);
      this.#spans.set(call.index, span);
    }
    context.with(trace.setSpan(this.#options.context, span), run);
  }

  endCall(report: CallReport, end: CallEnd): void {
    const { span: batchSpan } = this.#options;
    const span = this.#spans.get(report.index);
    const {
      startMs = Number.POSITIVE_INFINITY,
      waits,
      endMs,
      outcome,
    } = report;
    for (const wait of waits) {
      const isOfCall = wait.startMs >= startMs;
      (isOfCall ? span : batchSpan)?.addEvent(
        "parallel_tools.wait",
        {
          ...waitAttributes(wait),
          ...(isOfCall ? {} : callAttributes(report, this.#options.kind)),
        },
        this.#at(wait.startMs),
      );
    }
    if (span === undefined) {
      batchSpan.addEvent(
        "parallel_tools.not_run",
        {
          ...callAttributes(report, this.#options.kind),
          ...endAttributes(report),
        },
        this.#at(endMs),
      );
      return;
    }
    span.setAttributes(endAttributes(report));
    switch (outcome) {
      case "error":
        this.#setError(span, end.error);
        break;
      case "ok":
      case "skipped":
      case "deferred":
      case "refused":
      case "interrupted":
      case "aborted":
        this.#setResult(span, end);
        break;
      default:
        outcome satisfies never;
    }
    span.end(this.#at(endMs));
  }

  end(report: BatchReport): void {
    const { span } = this.#options;
    span.setAttributes(batchAttributes(report));
    span.end(this.#at(report.durationMs));
    this.#options.onEnd();
  }

  /** The span of a call that has started. */
  spanOf(index: number): Span | undefined {
    return this.#spans.get(index);
  }

  #start(call: TracedCall): Span {
    const { tracer, recordArguments, kind } = this.#options;
    const name = kind === "model" ? "request_model" : "execute_tool";
    const links = call.dependsOn.flatMap(({ index }): Link[] => {
      const span = this.#spans.get(index);
      return span === undefined ? [] : [{ context: span.spanContext() }];
    });
    const span = tracer.startSpan(
      `${name} ${printable(call.name, MOST_NAME)}`,
      {
        startTime: this.#at(call.startMs),
        attributes: startAttributes(call, kind),
        links,
      },
      this.#options.context,
    );
    if (recordArguments && kind !== "model" && span.isRecording()) {
      setContent(span, "gen_ai.tool.call.arguments", call.args);
    }
    return span;
  }

  #setError(span: Span, error: unknown): void {
    span.setAttribute("error.type", errorType(error));
    const { recordResults } = this.#options;
    const message = recordResults ? errorMessage(error, MOST_CONTENT) : "";
    span.setStatus({
      code: SpanStatusCode.ERROR,
      ...(message !== "" && { message }),
    });
  }

  #setResult(span: Span, end: CallEnd): void {
    if (!this.#options.recordResults || !span.isRecording()) return;
    if (end.output === undefined) return;
    setContent(span, "gen_ai.tool.call.result", end.output());
  }

  #at(ms: number): number {
    return this.#options.beganAt + ms;
  }
}

/** Sets an attribute as JSON: attributes can't hold objects. */
function setContent(span: Span, attribute: string, content: unknown): void {
  const json = jsonOf(content);
  if (json === undefined) return;
  span.setAttribute(attribute, printable(json, MOST_CONTENT));
}

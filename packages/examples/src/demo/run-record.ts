import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import type {
  BatchReport,
  CallReport,
  OutcomeStatus,
  Wait,
} from "parallel-tools-node";

/** Milliseconds since the run began. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

export interface CallRecord {
  /** Of the tool call. */
  readonly id: string;
  readonly outcome: OutcomeStatus;
  /** Missing when the call was not run. */
  readonly running?: Span;
  readonly waits: readonly (Span & { readonly what: string })[];
}

/**
 * When the model and the tools were at work: one record for all runners, so
 * that their waterfalls can be compared. Hears of model turns as a callback
 * handler of the run.
 */
export class RunRecord extends BaseCallbackHandler {
  readonly name = "run-record";
  override awaitHandlers = true;
  readonly turns: Span[] = [];
  readonly calls = new Map<string, CallRecord>();
  readonly reports: BatchReport[] = [];
  /** LangChain then asks models to stream. */
  readonly lc_prefer_streaming: boolean;
  readonly #beganAt = performance.now();
  /** When turns began that have not ended: agents inside of tools have theirs. */
  readonly #turnStarts = new Map<string, number>();

  constructor(streams: boolean) {
    super();
    this.lc_prefer_streaming = streams;
  }

  /** Milliseconds since the run began. */
  now(): number {
    return performance.now() - this.#beganAt;
  }

  override handleChatModelStart(_: unknown, __: unknown, id: string): void {
    this.#turnStarts.set(id, this.now());
  }

  override handleLLMEnd(_: unknown, id: string): void {
    const endMs = this.now();
    this.turns.push({ startMs: this.#turnStarts.get(id) ?? endMs, endMs });
    this.#turnStarts.delete(id);
  }

  addCall(id: string, outcome: OutcomeStatus, running: Span): void {
    this.calls.set(id, { id, outcome, running, waits: [] });
  }

  /** To be called when a batch has just ended: its times count from its start. */
  readonly addReport = (report: BatchReport): void => {
    this.reports.push(report);
    const began = this.now() - report.durationMs;
    for (const { id = "", outcome, startMs, endMs, waits } of report.calls) {
      const running = startMs !== undefined && {
        running: {
          startMs: began + startMs,
          endMs: began + ranUntil({ startMs, endMs, waits }),
        },
      };
      const record = { id, outcome, ...running, waits: spansOf(waits, began) };
      this.calls.set(id, record);
    }
  };
}

/** When a call's code ended: one that started early may then wait for its message. */
function ranUntil({ startMs, endMs, waits }: Span & Pick<CallReport, "waits">) {
  const wait = waits.find(
    (one) => one.for === "message" && one.startMs > startMs,
  );
  return wait?.startMs ?? endMs;
}

function spansOf(waits: readonly Wait[], began: number) {
  return waits.map((wait) => {
    const startMs = began + wait.startMs;
    const what =
      wait.for === "dependency" ? `call ${wait.index + 1}` : wait.limit;
    return { startMs, endMs: startMs + wait.ms, what };
  });
}

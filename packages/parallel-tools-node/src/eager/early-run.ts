import type { CallbackManagerForToolRun } from "@langchain/core/callbacks/manager";
import type { ToolCall } from "@langchain/core/messages/tool";
import { isCommand, type LangGraphRunnableConfig } from "@langchain/langgraph";
import type { BatchHost } from "../batch/batch-host.js";
import { copyPlainData } from "../batch/copy-plain-data.js";
import {
  type Answer,
  failureBehind,
  outcomeOf,
  toAnswer,
} from "../batch/run-tool.js";
import { earlyRuntime, inEarlyConfig } from "../langgraph/early-config.js";
import { HeldCallbacks } from "../langgraph/held-callbacks.js";
import type { EarlyStart } from "../report/early-start.js";
import type { Outcome } from "../schedule/outcome.js";
import { oneAttempt } from "../schedule/one-attempt.js";
import { Schedule } from "../schedule/schedule.js";
import type { BoundCall } from "../schedule/scheduled-call.js";
import type { RunningCall } from "../schedule/surroundings.js";
import { surroundingsOf } from "../scope/batch-scope.js";
import { insideCall, type InsideRules } from "../scope/call-scope.js";
import { EarlyWriter } from "./early-writer.js";
import { type PlainTool, withCode } from "./plain-tools.js";

/** What the tool's own code gave. `"useless"`: nothing that may be used. */
export type Result =
  | { readonly value: unknown }
  | { readonly error: unknown }
  | "useless";

/** What an early run needs to know. */
export interface EarlyRunOptions {
  /** As the model wrote it. */
  readonly call: ToolCall;
  readonly tool: PlainTool;
  readonly host: BatchHost;
  readonly rules: InsideRules;
  /** The config in which the model is asked. */
  readonly config: LangGraphRunnableConfig;
  /** Those who will probably hear the callbacks of the tool. */
  readonly heard: readonly object[];
  /** When the call was complete: time of the host's clock. */
  readonly sealedAt: number;
  /** The tool can't be run before its task. */
  readonly onUnfit: () => void;
  /** It begins. */
  readonly onStart: () => void;
  /** It has failed, and still has its limits. */
  readonly onFailure: (error: unknown) => void;
}

/** Thrown where a tool reads what an early run doesn't have. */
class NotThereYetError extends Error {
  override readonly name = "NotThereYetError";

  constructor(why: string) {
    super(
      `A tool that was started while the model was still writing can't go on: ${why}. It is run again when the message is there.`,
    );
  }
}

/**
 * One attempt of a call, begun before its message was there, and outside of the step in
 * which calls run.
 *
 *     waits -- its limits have room --> runs -- its code has ended --> ended
 *     runs -- its time is over --> late: aborted; its call will be over in time, too
 *     any -- it is of no use --> discarded: aborted, and nothing of it is heard
 */
export class EarlyRun {
  readonly result: Promise<Result>;
  /** How it ended, for calls that refer to it. `undefined`: it is of no use. */
  readonly answered: Promise<Outcome<Answer> | undefined>;
  start: EarlyStart | undefined;
  endedAt: number | undefined;
  /** Why it was discarded. */
  why = "";
  readonly #options: EarlyRunOptions;
  readonly #controller = new AbortController();
  readonly #callbacks: HeldCallbacks;
  readonly #writer = new EarlyWriter();
  #state: "waits" | "runs" | "ended" | "late" | "discarded" = "waits";
  #cancelTimeout: (() => void) | undefined;
  #setResult!: (result: Result) => void;
  #setAnswer!: (outcome: Outcome<Answer> | undefined) => void;

  constructor(options: EarlyRunOptions) {
    this.#options = options;
    const { heard, host } = options;
    const onGraph = () => this.#miss("it runs a graph");
    this.#callbacks = new HeldCallbacks(heard, host.clock, onGraph);
    this.result = new Promise((resolve) => {
      this.#setResult = resolve;
    });
    this.answered = new Promise((resolve) => {
      this.#setAnswer = resolve;
    });
  }

  /** Whether it has begun, and may still be of use. */
  get isUsable(): boolean {
    return this.#state !== "waits" && this.#state !== "discarded";
  }

  /**
   * Starts it when its limits have room.
   *
   * @param resolved the call, with its references resolved
   * @param after the index of the call that it waited for last
   */
  begin(bound: BoundCall, resolved: ToolCall, after: number | undefined): void {
    if (this.#state === "discarded") return;
    const { host, rules, sealedAt } = this.#options;
    const { clock, retries } = host;
    const readyAt = clock.now();
    const schedule = new Schedule<Answer>({
      calls: [{ limits: bound.limits, cost: bound.cost, dependsOn: [] }],
      executor: oneAttempt(
        (running) => this.#attempt(running, resolved, bound.timeoutMs),
        {
          onValue: (answer) => this.#heed(answer),
          onError: (error) => this.#fail(error),
        },
      ),
      observer: {
        onReady() {},
        onStart: (_, startedAt, waits) => {
          const endedAt = () => this.endedAt;
          this.start = {
            sealedAt,
            readyAt,
            after,
            startedAt,
            waits,
            bound,
            get endedAt() {
              return endedAt();
            },
          };
        },
        onAgain() {},
        onEnd: (_, now, outcome) => this.#end(now, outcome as Outcome<Answer>),
      },
      clock,
      signal: this.#controller.signal,
      maxPauseMs: retries.maxPauseMs,
      surroundings: surroundingsOf(insideCall(), rules, clock),
    });
    void schedule.run();
  }

  /** Nothing of it is of use. */
  discard(why: string): void {
    if (this.#state === "discarded") return;
    this.#state = "discarded";
    this.why = why;
    this.stopTimeout();
    this.#callbacks.drop();
    this.#writer.drop();
    this.#setResult("useless");
    this.#setAnswer(undefined);
    this.#controller.abort(new DOMException(why, "AbortError"));
  }

  /** Its time limit is kept elsewhere from now on. */
  stopTimeout(): void {
    this.#cancelTimeout?.();
    this.#cancelTimeout = undefined;
  }

  /**
   * Hands out what it has told its handlers and its writer, and all that it tells them
   * from now on.
   */
  handTo(
    manager: CallbackManagerForToolRun | undefined,
    writer: unknown,
    signal: AbortSignal | undefined,
  ): void {
    if (manager === undefined) this.#callbacks.drop();
    else {
      const { runId } = manager;
      this.#callbacks.handTo({ manager: manager.getChild(), runId });
    }
    this.#writer.handTo(writer);
    if (signal === undefined || this.#state === "ended") return;
    const abort = () => {
      this.#controller.abort(signal.reason);
      if (this.#state === "late") this.#setResult({ error: signal.reason });
    };
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort);
    void this.result.then(() => signal.removeEventListener("abort", abort));
  }

  async #attempt(
    running: RunningCall,
    resolved: ToolCall,
    timeoutMs: number | undefined,
  ): Promise<Answer> {
    const { tool, call, config, host } = this.#options;
    this.#state = "runs";
    this.#options.onStart();
    if (timeoutMs !== undefined) {
      this.#cancelTimeout = host.clock.schedule(
        () => this.#endLate(),
        timeoutMs,
        true,
      );
    }
    const runtime = earlyRuntime(config, call.id ?? "", {
      signal: this.#controller.signal,
      callbacks: this.#callbacks,
      writer: config.writer ? this.#writer.write : undefined,
      onTask: (why) => this.#miss(why),
    });
    const code = (...args: unknown[]) => this.#runCode(args);
    const args = copyPlainData(resolved.args);
    const output = await running.run(() =>
      inEarlyConfig(runtime, () =>
        withCode(tool, code).invoke(
          { ...resolved, args, type: "tool_call" },
          runtime,
        ),
      ),
    );
    return toAnswer(tool.name, call, output);
  }

  /** Runs the tool's own code. Its result is what another run of the tool may take. */
  async #runCode(args: readonly unknown[]): Promise<unknown> {
    try {
      const value = await this.#options.tool._call(...args);
      if (isCommand(value)) this.#miss("it returns a Command");
      if (isGenerator(value)) this.#miss("it yields");
      this.#setResultInTime({ value });
      return value;
    } catch (error) {
      this.#setResultInTime({ error });
      throw error;
    }
  }

  #heed(answer: Answer): void {
    if (isCommand(answer) || answer.status !== "error") return;
    this.#fail(failureBehind(answer).error);
  }

  /** An error of one that was aborted says nothing. */
  #fail(error: unknown): void {
    if (!this.#controller.signal.aborted) this.#options.onFailure(error);
  }

  /** Its call waits for the rest of its time, which is none, and is then judged. */
  #endLate(): void {
    this.#state = "late";
    this.endedAt = this.#options.host.clock.now();
    this.#setAnswer(undefined);
    this.#controller.abort(
      new DOMException("its time was over", "TimeoutError"),
    );
  }

  #setResultInTime(result: Result): void {
    if (this.#state !== "late") this.#setResult(result);
  }

  #end(now: number, outcome: Outcome<Answer>): void {
    this.endedAt ??= now;
    this.stopTimeout();
    if (this.#state === "discarded" || this.#state === "late") return;
    if (outcome.status !== "ok" && this.start === undefined) {
      this.discard("it could not start");
      return;
    }
    this.#state = "ended";
    // If its own code was never reached, it would not be reached in its place, either.
    this.#setResult("useless");
    const { value } = outcome;
    this.#setAnswer(value === undefined ? outcome : outcomeOf(value));
  }

  /** The tool needs what only its task has. */
  #miss(why: string): never {
    this.#options.onUnfit();
    this.discard(why);
    throw new NotThereYetError(why);
  }
}

function isGenerator(value: unknown): boolean {
  return (
    typeof value === "object" && value !== null && Symbol.asyncIterator in value
  );
}

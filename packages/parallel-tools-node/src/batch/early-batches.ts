import type { ToolCall } from "@langchain/core/messages/tool";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { runOf } from "../langgraph/nested-signal.js";
import type { WarnOnce } from "../errors/warn-once.js";
import type { Clock } from "../limits/clock.js";
import type { DiscardedRun, EarlyStart } from "../report/early-start.js";
import type { BatchScope } from "../scope/batch-scope.js";

/** A call that has started while its message was being written. */
export interface EarlyCall {
  readonly start: EarlyStart;
  /** Runs an attempt of the call. The first one takes the early run, if that is of use. */
  run<Value>(attempt: () => Promise<Value>): Promise<Value>;
}

/** The calls of a message that began while it was being written. */
export interface EarlyBatch {
  readonly scope: BatchScope;
  /** When the first call was complete. Times are the clock's. */
  readonly beganAt: number;
  /** When the message was there. */
  readonly writtenAt: number;
  /**
   * The early run of a call, which takes no limits again. `undefined`: there is none
   * that is of use. Each is given once.
   *
   * @param index of the call in the message
   */
  claim(index: number, call: ToolCall): EarlyCall | undefined;
  /** The batch has ended: early runs that nobody has claimed are given up. */
  close(): readonly DiscardedRun[];
}

/** The early batches of a node or middleware whose messages are there. */
export class EarlyBatches {
  readonly #clock: Clock;
  readonly #arrivalTimeoutMs: number;
  readonly #warnings: WarnOnce | undefined;
  #isHeard = false;
  #wasTaken = false;
  readonly #byRun = new WeakMap<object, Map<string, ExpectedBatch>>();

  /**
   * @param arrivalTimeoutMs how long a batch is kept until its calls come
   * @param warnings are told once where it seems that `withEager` is used wrongly
   */
  constructor(clock: Clock, arrivalTimeoutMs: number, warnings?: WarnOnce) {
    this.#clock = clock;
    this.#warnings = warnings;
    this.#arrivalTimeoutMs = arrivalTimeoutMs;
  }

  /**
   * Keeps a batch until its calls come, or closes it.
   *
   * @param run in which the model was asked
   * @param asker who asked it there: the node of a graph
   */
  add(run: object, asker: string, messageId: string, batch: EarlyBatch): void {
    const batches = this.#byRun.get(run) ?? new Map<string, ExpectedBatch>();
    this.#byRun.set(run, batches);
    this.#end(batches, messageId)?.close();
    const cancel = this.#clock.schedule(
      () => {
        this.#end(batches, messageId)?.close();
        this.#tellIfNeverTaken();
      },
      this.#arrivalTimeoutMs,
      true,
    );
    batches.set(messageId, { asker, batch, cancel });
  }

  /** A model of this host is asked. */
  heard(): void {
    this.#isHeard = true;
  }

  /** It asks again, so that no call of its messages before will come any more. */
  asksAgain(run: object, asker: string): void {
    const batches = this.#byRun.get(run);
    for (const [messageId, expected] of batches ?? []) {
      if (expected.asker !== asker) continue;
      this.#end(batches!, messageId)?.close();
      this.#tellIfNeverTaken();
    }
  }

  /** The batch of a message, in the run of this config. It is given once. */
  take(
    config: LangGraphRunnableConfig,
    messageId: string | undefined,
  ): EarlyBatch | undefined {
    const run = runOf(config);
    if (!this.#isHeard && run !== undefined) {
      this.#warnings?.warn(
        "eager listening",
        "`eager` is on, and no model is listened to, so no call starts early. Give the model that writes the calls to `withEager(model, node)`, and ask it with `invoke`.",
      );
    }
    if (run === undefined || messageId === undefined) return undefined;
    const batches = this.#byRun.get(run);
    const batch = batches && this.#end(batches, messageId);
    if (batch !== undefined) this.#wasTaken = true;
    return batch;
  }

  #tellIfNeverTaken(): void {
    if (this.#wasTaken) return;
    this.#warnings?.warn(
      "eager taking",
      "`eager` is on, and calls that had started early never came, so they may have run twice. Give `withEager` the very node that runs the calls of its model.",
    );
  }

  #end(
    batches: Map<string, ExpectedBatch>,
    messageId: string,
  ): EarlyBatch | undefined {
    const expected = batches.get(messageId);
    batches.delete(messageId);
    expected?.cancel();
    return expected?.batch;
  }
}

interface ExpectedBatch {
  readonly asker: string;
  readonly batch: EarlyBatch;
  /** It isn't late any more. */
  readonly cancel: () => void;
}

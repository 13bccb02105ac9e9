import type { ToolCall } from "@langchain/core/messages/tool";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { WarnOnce } from "../errors/warn-once.js";
import type { CallRecord, CallRecords } from "../langgraph/call-records.js";
import { openCheckpoints } from "../langgraph/pending-writes.js";
import { nodeOf, taskIdOf } from "../langgraph/task.js";
import type { Clock } from "../limits/clock.js";
import type { BatchPlan } from "../plan/batch-plan.js";
import { identityOf } from "../plan/identity-of.js";
import type { Outcome } from "../schedule/outcome.js";
import type { BatchReferences } from "./batch-references.js";
import type { Batch } from "./read-batch.js";
import {
  type Answer,
  isPlainText,
  markPlainText,
  outcomeOf,
} from "./run-tool.js";

/** After so long a warning says that the checkpointer is slow. */
const SLOW_MS = 1_000;

/** What the option `durable` adds to a node or middleware. */
export class Durability {
  readonly #clock: Clock;
  readonly #warnings = new WarnOnce();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Only a graph with a checkpointer can. Warns once if there is none. */
  holdsFor(config: LangGraphRunnableConfig): boolean {
    if (openCheckpoints(config).length > 0) return true;
    this.#warnings.warn(
      "no checkpointer",
      "`durable` needs a graph with a checkpointer, and there is none. Calls are not kept: after an interrupt, those that had ended run again.",
    );
    return false;
  }

  /**
   * Resolves when the record is kept, however long that takes: what depends on
   * the call must not start before. A record that can't be kept is warned of once.
   */
  async put(
    records: CallRecords,
    call: readonly unknown[],
    record: CallRecord,
  ): Promise<void> {
    const warnOfSlowness = () =>
      this.#warnings.warn(
        "slow",
        `The checkpointer has taken more than ${SLOW_MS / 1000} s to keep the answer of a call. With \`durable\`, the calls that depend on it wait for that. Make the checkpointer faster, or leave \`durable\` out.`,
      );
    const cancel = this.#clock.schedule(warnOfSlowness, SLOW_MS, true);
    try {
      await records.put(call, record);
    } catch (error) {
      this.#warnings.warn(
        "not kept",
        `The checkpointer could not keep the answer of a call: ${String(error)}. If the run stops before the step has ended, that call runs again.`,
      );
    } finally {
      cancel();
    }
  }
}

interface KeptCallsOptions {
  readonly records: CallRecords;
  /** `undefined`: nothing more is kept. */
  readonly durability: Durability | undefined;
  /** The config of the task, or of one of the tasks, of the calls. */
  readonly config: LangGraphRunnableConfig;
  readonly batch: Pick<Batch, "message" | "messageId">;
  /** The number of the batch in its task. */
  readonly round?: number;
  /** Each call is a task of its own. */
  readonly areTasks?: boolean;
}

/** What is kept of a call beside its answer. */
export interface CallFacts {
  /** The tool threw, and the answer was made from the error. */
  readonly isThrown: boolean;
  /** How many questions the call has asked with the scratchpad of its task. */
  readonly asked: number;
  /** The task in which it ran. Default: that of the batch. */
  readonly task?: string | undefined;
  /** Which values its references had, if it has any (`BatchReferences.digest`). */
  readonly given?: string | undefined;
}

/** What is kept of calls, and how to keep more. An index counts a message's calls. */
export interface CallKeeper {
  recordAt(index: number): CallRecord | undefined;
  /**
   * A call begins: what was kept of it doesn't count any more. Resolves when that
   * is kept. `undefined`: there was nothing.
   */
  begin(index: number): Promise<void> | undefined;
  /** Keeps the answer of a call. Never rejects. `undefined`: nothing is kept. */
  keep(
    index: number,
    answer: Answer,
    facts?: CallFacts,
  ): Promise<void> | undefined;
}

/**
 * The answers of a message's calls that are kept with the checkpoint. A call is
 * known by its node, its message, its id, its name and its arguments, so it is
 * found again after an edit of the state that left it as it was. Calls that are
 * equal in all this are counted.
 */
export class KeptCalls implements CallKeeper {
  readonly #records: CallRecords;
  readonly #durability: Durability | undefined;
  readonly #batch: readonly unknown[];
  /** The task of all calls. `undefined`: each has its own. */
  readonly #task: string | undefined;
  /** What each call is known by, by its index in the message. */
  readonly #calls: readonly (readonly unknown[] | undefined)[];

  constructor(options: KeptCallsOptions) {
    const { records, durability, config, batch } = options;
    const { round = 0, areTasks = false } = options;
    this.#records = records;
    this.#durability = durability;
    this.#task = areTasks ? undefined : taskIdOf(config);
    this.#batch = [nodeOf(config), round, batch.messageId];
    const counts = new Map<string, number>();
    this.#calls = batch.message.map((call) => {
      if (call.isRemoved) return undefined;
      const text = JSON.stringify(partsOf(call));
      const equal = counts.get(text) ?? 0;
      counts.set(text, equal + 1);
      return [...this.#batch, text, equal];
    });
  }

  recordAt(index: number): CallRecord | undefined {
    return this.#get(this.#calls[index]);
  }

  begin(index: number): Promise<void> | undefined {
    const call = this.#calls[index];
    // If that can't be kept, the warning about answers tells.
    return call && this.#records.begin(call)?.catch(() => {});
  }

  /**
   * The tasks in which calls ended, where that is known.
   *
   * @param open the indexes of calls that don't count
   */
  tasks(open: readonly number[]): (string | undefined)[] {
    return this.#calls.map((call, index) =>
      open.includes(index) ? undefined : this.#get(call)?.task,
    );
  }

  keep(index: number, answer: Answer, facts?: CallFacts) {
    return this.#put(this.#calls[index], answer, facts);
  }

  /**
   * For a call that runs alone: it comes again, or is not in the message.
   *
   * @param task in which it comes
   * @param counts how often such calls have come; is updated
   */
  alone(
    toolCall: ToolCall,
    task: string | undefined,
    counts: Map<string, number>,
  ): CallKeeper {
    const text = JSON.stringify([task, ...partsOf(toolCall)]);
    const count = counts.get(text) ?? 0;
    counts.set(text, count + 1);
    const parts = JSON.stringify(partsOf(toolCall));
    const call = [...this.#batch, parts, "alone", count];
    return {
      recordAt: () => this.#get(call, task),
      begin: () => undefined,
      keep: (_, answer, facts) =>
        this.#put(call, answer, { ...NO_FACTS, ...facts, task }),
    };
  }

  #get(
    call: readonly unknown[] | undefined,
    task = this.#task,
  ): CallRecord | undefined {
    const record = call && this.#records.get(call, task);
    if (record?.isPlainText) markPlainText(record.answer);
    return record;
  }

  #put(
    call: readonly unknown[] | undefined,
    answer: Answer,
    { isThrown, asked, task = this.#task, given }: CallFacts = NO_FACTS,
  ): Promise<void> | undefined {
    if (call === undefined) return undefined;
    return this.#durability?.put(this.#records, call, {
      answer,
      ...(isThrown && { isThrown }),
      ...(asked > 0 && { asked }),
      ...(task !== undefined && { task }),
      ...(given !== undefined && { given }),
      ...(isPlainText(answer) && { isPlainText: true }),
    });
  }
}

export const NO_FACTS: CallFacts = Object.freeze({ isThrown: false, asked: 0 });

/** Arguments that aren't JSON don't tell calls apart. */
function partsOf({ id, name, args }: ToolCall): readonly unknown[] {
  return [id, name, identityOf(name, args)];
}

interface KeptBatch {
  readonly kept: CallKeeper;
  readonly plan: BatchPlan;
  readonly references: BatchReferences | undefined;
  /** The position of a call by its index; `undefined`: it isn't in the batch. */
  readonly positionOf: (index: number) => number | undefined;
}

/** How calls ended before the run was paused, by position. */
export function keptOutcomes({
  kept,
  plan,
  references,
  positionOf,
}: KeptBatch): readonly (Outcome<Answer> | undefined)[] {
  const outcomes: (Outcome<Answer> | undefined)[] = [];
  /** Of a call that shares the outcome of another, that one's. */
  const outcomeAt = (index: number): Outcome<Answer> | undefined => {
    const position = positionOf(index);
    if (position === undefined) return undefined;
    const sameAs = plan.calls[position]?.sameAs;
    return (
      outcomes[position] ??
      (sameAs === undefined ? undefined : outcomeAt(sameAs))
    );
  };
  const isKept = (index: number): boolean =>
    positionOf(index) === undefined || outcomeAt(index) !== undefined;
  plan.calls.forEach(({ index, dependsOn }, position) => {
    const isComplete = dependsOn.every(
      (one) => one.reason !== "reference" || isKept(one.index),
    );
    const record = isComplete ? kept.recordAt(index) : undefined;
    if (record === undefined) return;
    // An edit may have changed an output that its arguments refer to.
    const isSame =
      record.given === undefined ||
      record.given === references?.digest(position, outcomeAt);
    if (isSame) outcomes[position] = outcomeOf(record.answer);
  });
  return outcomes;
}

/**
 * What is kept of calls that have ended, with the checkpoint from which their
 * step began. LangGraph ignores writes on a channel that no graph has and under
 * an id that no task has.
 *
 * The host's secret: a Command loses its field `graph` when it is saved, and it
 * comes back as a plain object. So its fields are saved instead. The constructor
 * of Command turns plain objects with `lg_name: "Send"` into Sends again.
 *
 * Read in LangGraph 1.7.0, 1.7.1 and 1.7.3 (`constants`).
 */
import type { ToolMessage } from "@langchain/core/messages";
import {
  Command,
  isCommand,
  type LangGraphRunnableConfig,
} from "@langchain/langgraph";
import { writesBeforeEdits } from "./forks.js";
import {
  type OpenCheckpoint,
  openCheckpoints,
  type PendingWrite,
} from "./pending-writes.js";
import { stepWrites } from "./step-writes.js";
import { isResumed, ownId } from "./task.js";

const CHANNEL = "parallel-tools:call";

/** How a call ended. */
export interface CallRecord {
  readonly answer: ToolMessage | Command;
  /** The tool threw, and the answer was made from the error. */
  readonly isThrown?: boolean;
  /** The content must not be parsed even if it looks like JSON. */
  readonly isPlainText?: boolean;
  /** Which values its references had, if it has any. */
  readonly given?: string;
  /** How many questions it has asked with the scratchpad of its task. */
  readonly asked?: number;
  /** The task in which it ran. `undefined`: the task is gone with an edit. */
  readonly task?: string | undefined;
}

/** A record as it is saved. */
interface SavedRecord extends Omit<CallRecord, "answer"> {
  /** What the call is known by in any checkpoint. */
  readonly call: string;
  readonly message?: ToolMessage;
  readonly command?: CommandFields;
}

type CommandFields = ConstructorParameters<typeof Command>[0];

/** By the signal of the step. */
const steps = new WeakMap<AbortSignal, CallRecords | Promise<CallRecords>>();

/** The records of all calls of a step. */
export class CallRecords {
  readonly #checkpoint: OpenCheckpoint | undefined;
  /** By what the calls are known by. */
  readonly #records: Map<string, CallRecord[]>;
  readonly #future: number;

  /**
   * The records for a task of a step. They are read if the run has resumed.
   *
   * @param config of the task
   * @param isDurable `true`: rejects if the checkpointer does, because a call that
   *   has ended must not run again. `false`: there are no records then. A thread
   *   that was paused with `durable` may go on without it
   */
  static open(
    config: LangGraphRunnableConfig,
    isDurable: boolean,
  ): CallRecords | Promise<CallRecords> {
    const records = CallRecords.#open(config);
    return isDurable || records instanceof CallRecords
      ? records
      : records.catch(() => new CallRecords(undefined));
  }

  static #open(
    config: LangGraphRunnableConfig,
  ): CallRecords | Promise<CallRecords> {
    const { signal } = config;
    const known = signal && steps.get(signal);
    if (known !== undefined) return known;
    const records = isResumed(config)
      ? read(config)
      : new CallRecords(openCheckpoints(config)[0]);
    if (signal === undefined) return records;
    steps.set(signal, records);
    // The next attempt reads again.
    if (records instanceof Promise) records.catch(() => steps.delete(signal));
    return records;
  }

  /** @param future see `StepWrites` */
  constructor(
    checkpoint: OpenCheckpoint | undefined,
    records = new Map<string, CallRecord[]>(),
    future = 0,
  ) {
    this.#checkpoint = checkpoint;
    this.#records = records;
    this.#future = future;
  }

  /**
   * The record of a call. Several tasks of a step may run equal calls.
   *
   * @param call identifies the call among all calls of a task. Must be JSON
   * @param task in which the call comes. `undefined`: any
   */
  get(call: readonly unknown[], task?: string): CallRecord | undefined {
    const all = this.#records.get(this.#idOf(call)) ?? [];
    return all.find(
      (one) =>
        one.task === task || one.task === undefined || task === undefined,
    );
  }

  /** Saves a record. Rejects if the checkpointer does. */
  async put(call: readonly unknown[], record: CallRecord): Promise<void> {
    const id = this.#idOf(call);
    add(this.#records, id, record);
    const value = { ...toSave(record), call: id };
    await this.#checkpoint?.put(ownId([id, record.task]), [[CHANNEL, value]]);
  }

  /**
   * A call begins that has a record of an earlier time. That one doesn't count any
   * more, in no later run either: the call may ask anew. `undefined`: it has none.
   */
  begin(call: readonly unknown[]): Promise<void> | undefined {
    const id = this.#idOf(call);
    if ((this.#records.get(id)?.length ?? 0) === 0) return undefined;
    this.#records.set(id, []);
    const value = { call: id, isBegun: true };
    return this.#checkpoint?.put(ownId([id, "begun"]), [[CHANNEL, value]]);
  }

  /** No future of a checkpoint sees what another one kept. */
  #idOf(call: readonly unknown[]): string {
    return ownId([CHANNEL, this.#future, call]);
  }
}

function add(
  records: Map<string, CallRecord[]>,
  id: string,
  record: CallRecord,
): void {
  records.set(id, [...(records.get(id) ?? []), record]);
}

async function read(config: LangGraphRunnableConfig): Promise<CallRecords> {
  const { checkpoint, writes, future } = await stepWrites(config);
  if (checkpoint === undefined) return new CallRecords(checkpoint);
  const records = recordsIn(writes);
  const earlier = future > 0 ? [] : await writesBeforeEdits(checkpoint);
  for (const before of earlier) {
    for (const [call, [record]] of recordsIn(before)) {
      // What the nearest checkpoint says of a call counts, also that it began anew.
      if (records.has(call)) continue;
      // Its task is gone, and with it the scratchpad.
      const kept = record && { ...record, task: undefined, asked: 0 };
      records.set(call, kept ? [kept] : []);
    }
  }
  return new CallRecords(checkpoint, records, future);
}

/** What the writes of one checkpoint say. A call without records began anew there. */
function recordsIn(writes: readonly PendingWrite[]): Map<string, CallRecord[]> {
  const records = new Map<string, CallRecord[]>();
  for (const [, channel, value] of writes) {
    if (channel !== CHANNEL) continue;
    const { call, ...saved } = value as SavedRecord;
    const record = revive(saved);
    if (record !== undefined) add(records, call, record);
    else if (!records.has(call)) records.set(call, []);
  }
  return records;
}

function toSave({ answer, ...facts }: CallRecord): Omit<SavedRecord, "call"> {
  if (!isCommand(answer)) return { ...facts, message: answer };
  const { graph, update, resume, goto } = answer;
  return {
    ...facts,
    command: {
      ...(goto !== undefined && { goto }),
      ...(graph !== undefined && { graph }),
      ...(update !== undefined && { update }),
      ...(resume !== undefined && { resume }),
    },
  };
}

/** `undefined` if something else was saved. */
function revive({
  message,
  command,
  ...facts
}: Omit<SavedRecord, "call">): CallRecord | undefined {
  const answer = command ? new Command(command) : message;
  return answer && { ...facts, answer };
}

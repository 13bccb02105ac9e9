import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import {
  type OpenCheckpoint,
  openCheckpoints,
  type PendingWrite,
} from "./pending-writes.js";
import { nextQuestionId } from "./question-id.js";
import {
  type Configurable,
  type Scratchpad,
  scratchpadOf,
} from "./scratchpad.js";

/** Resolves after some milliseconds; in the background, it keeps no process. */
export type Pause = (
  delayMs: number,
  isBackground: boolean,
) => Promise<unknown>;

/** LangGraph keeps a plain answer under this id (`NULL_TASK_ID`). */
const NO_TASK = "00000000-0000-0000-0000-000000000000";
const RESUME = "__resume__";
const RESUME_MAP = "__pregel_resume_map";
/** A channel of our own: LangGraph reads no writes of an id that is no task's. */
const ANSWER = "parallel-tools:answer";

/** After how long a write is looked for that is on its way: the run waits. */
const LOOKS_MS = [0, 1, 2, 4, 8, 16, 32];
/** As before, but the run goes on. */
const LATER_LOOKS_MS = [64, 128, 256, 512, 1_024, 2_048];

/** By the signal of the step, which all of its tasks share. */
const steps = new WeakMap<AbortSignal, Promise<StepAnswers>>();

/**
 * What humans have answered to the questions of a step, when its run goes on.
 *
 * LangGraph (1.7.3) hands a plain answer, `new Command({ resume: value })`, to
 * every task of the step that asks, also to one that asks for the first time,
 * and keeps it with the checkpoint, so that it comes back when the run goes on
 * once more. Here it is for the questions that were open when it was given: it
 * is kept under each of them, taken off the checkpoint, and given to no other.
 */
export class StepAnswers {
  readonly #checkpoint: OpenCheckpoint | undefined;
  readonly #plain: { readonly value: unknown } | undefined;
  /** Answers of this run by the ids of their questions. */
  readonly #given: Map<string, unknown>;
  /** Ids of the open questions of each task. */
  readonly #asked = new Map<string, readonly string[]>();
  /** Answers that each task has got before. */
  readonly #lists = new Map<string, readonly unknown[]>();
  /** What was kept under ids of our own, on channels of our own. */
  readonly #kept = new Map<string, unknown>();

  /**
   * @param config of a task of the step
   * @returns `undefined` where nothing can have been answered
   */
  static of(
    config: LangGraphRunnableConfig,
    pause: Pause,
  ): Promise<StepAnswers> | undefined {
    const scratchpad = scratchpadOf(config);
    if (scratchpad === undefined) return undefined;
    const { configurable, signal } = config;
    const known = signal && steps.get(signal);
    const plain = takePlain(scratchpad, known === undefined);
    if (known !== undefined) return known;
    const isResumed = configurable?.["__pregel_resuming"] === true;
    if (plain === undefined && !isResumed) return undefined;
    const answers = read(config, plain, pause);
    if (signal !== undefined) steps.set(signal, answers);
    return answers;
  }

  constructor(
    checkpoint: OpenCheckpoint | undefined,
    writes: readonly PendingWrite[],
    given: ReadonlyMap<string, unknown>,
    plain: { readonly value: unknown } | undefined,
  ) {
    this.#checkpoint = checkpoint;
    this.#given = new Map(given);
    this.#plain = plain;
    for (const [id, channel, value] of writes) {
      if (channel === "__interrupt__") this.#asked.set(id, idsOf(value));
      else if (channel === RESUME) this.#lists.set(id, [value].flat());
      else this.#kept.set(`${id} ${channel}`, value);
    }
  }

  /**
   * Gives a task that is one call the answers that are for it, in its own
   * scratchpad.
   *
   * @param config of the task
   * @param asker the task that has put its questions; the task itself if none
   * @param earlier what the call was answered when it was another task
   * @returns what the call is to have for its configurable, if not the task's
   */
  async handTo(
    { configurable = {} }: LangGraphRunnableConfig,
    asker?: string,
    earlier: readonly unknown[] = [],
  ): Promise<Configurable> {
    const scratchpad = scratchpadOf({ configurable });
    if (scratchpad === undefined) return configurable;
    takePlain(scratchpad, false);
    const { resume } = scratchpad;
    const task = String(configurable["__pregel_task_id"]);
    const before = this.#lists.get(task)?.length ?? 0;
    const asked = this.#bind(asker ?? task);
    const id =
      nextQuestionId(
        String(configurable["checkpoint_ns"]),
        Math.min(before, resume.length),
      ) ?? "";
    if (resume.length > before) {
      // LangGraph takes an id that is answered again for the question after it.
      if (!this.#given.has(id)) resume.length = before;
    } else if (this.#plain && asked.includes(id)) {
      resume.push(this.#plain.value);
    }
    resume.push(...earlier.slice(resume.length));
    if (resume.length > before) {
      this.#lists.set(task, [...resume]);
      await this.#checkpoint?.put(task, [[RESUME, [...resume]]]);
    }
    return this.#withPlainById(configurable);
  }

  /**
   * The answers to the questions of one of several calls in a task.
   *
   * @param config of the task
   * @param idOf the id of the call's question of this number, from 0
   */
  async answersTo(
    { configurable = {} }: LangGraphRunnableConfig,
    idOf: (answered: number) => string,
  ): Promise<unknown[]> {
    this.#bind(String(configurable["__pregel_task_id"]));
    const answers: unknown[] = [];
    for (;;) {
      const id = idOf(answers.length);
      const place = `${id} ${ANSWER}`;
      if (!this.#kept.has(place)) {
        if (!this.#given.has(id)) return answers;
        const answer = this.#given.get(id);
        this.#kept.set(place, answer);
        await this.#checkpoint?.put(id, [[ANSWER, answer]]);
      }
      answers.push(this.#kept.get(place));
    }
  }

  /** What was kept under an id and on a channel of our own. */
  kept(id: string, channel: string): unknown {
    return this.#kept.get(`${id} ${channel}`);
  }

  /** For several calls in one task: what the graphs inside them are to see. */
  configurableOf({ configurable = {} }: LangGraphRunnableConfig): Configurable {
    this.#bind(String(configurable["__pregel_task_id"]));
    return this.#withPlainById(configurable);
  }

  /** The plain answer is for all questions of the task that were open. */
  #bind(task: string): readonly string[] {
    const asked = this.#asked.get(task) ?? [];
    if (this.#plain !== undefined) {
      for (const id of asked) this.#given.set(id, this.#plain.value);
    }
    return asked;
  }

  /** A graph inside of a call finds the answers to its questions by their ids. */
  #withPlainById(configurable: Configurable): Configurable {
    if (this.#plain === undefined) return configurable;
    return {
      ...configurable,
      [RESUME_MAP]: Object.fromEntries(this.#given),
    };
  }
}

async function read(
  config: LangGraphRunnableConfig,
  plain: { readonly value: unknown } | undefined,
  pause: Pause,
): Promise<StepAnswers> {
  const given = givenById(config);
  // Nobody gives both: this one is left from before.
  const fresh = given.size > 0 ? undefined : plain;
  const checkpoints = openCheckpoints(config);
  if (plain !== undefined) {
    await Promise.all(checkpoints.map((one) => takeOff(one, pause)));
  }
  const [checkpoint] = checkpoints;
  const writes = await checkpoint?.read().catch(() => undefined);
  return new StepAnswers(checkpoint, writes ?? [], given, fresh);
}

/**
 * Takes a plain answer off a checkpoint, so that it doesn't come back. LangGraph
 * may still be about to keep it. With durability `"exit"` it would keep it when
 * the run ends, but for what was taken from its memory.
 */
async function takeOff(
  checkpoint: OpenCheckpoint,
  pause: Pause,
): Promise<void> {
  const wait = (delayMs: number) => pause(delayMs, false);
  if (await isTakenOff(checkpoint, LOOKS_MS, wait)) return;
  void isTakenOff(checkpoint, LATER_LOOKS_MS, (delayMs) =>
    pause(delayMs, true),
  );
}

async function isTakenOff(
  checkpoint: OpenCheckpoint,
  looksMs: readonly number[],
  pause: (delayMs: number) => Promise<unknown>,
): Promise<boolean> {
  try {
    for (const delayMs of looksMs) {
      if (delayMs > 0) await pause(delayMs);
      const isThere = (await checkpoint.read())?.some(
        ([id, channel, value]) =>
          id === NO_TASK && channel === RESUME && value != null,
      );
      if (!isThere) continue;
      // LangGraph takes `undefined` for no answer.
      await checkpoint.put(NO_TASK, [[RESUME, undefined]]);
      return true;
    }
    return false;
  } catch {
    return true; // It can't be done, and won't be the next time.
  }
}

/**
 * @param isFirst whether it is the first of the step: LangGraph drops a write that
 *   has nothing to do with it when the same answer is consumed twice
 */
function takePlain(
  scratchpad: Scratchpad,
  isFirst: boolean,
): { readonly value: unknown } | undefined {
  const value = scratchpad.nullResume;
  if (value != null && isFirst) scratchpad.consumeNullResume?.();
  delete scratchpad.nullResume;
  return value == null ? undefined : { value };
}

function givenById({
  configurable = {},
}: LangGraphRunnableConfig): ReadonlyMap<string, unknown> {
  const map = configurable[RESUME_MAP] as Record<string, unknown> | undefined;
  return new Map(Object.entries(map ?? {}));
}

function idsOf(interrupts: unknown): string[] {
  return (Array.isArray(interrupts) ? interrupts : []).flatMap(
    (one: { readonly id?: unknown } | null | undefined) =>
      typeof one?.id === "string" ? one.id : [],
  );
}

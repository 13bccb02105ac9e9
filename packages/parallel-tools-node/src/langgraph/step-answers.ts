import {
  isInvalidResume,
  type LangGraphRunnableConfig,
} from "@langchain/langgraph";
import {
  INTERRUPT,
  type OpenCheckpoint,
  openCheckpoints,
  type PendingWrite,
  RESUME,
} from "./pending-writes.js";
import { isOldAnswer, type Timers } from "./plain-answer.js";
import { nextQuestionId } from "./question-id.js";
import {
  type Configurable,
  isResumed,
  namespaceOf,
  type PlainAnswer,
  scratchpadOf,
  takePlainAnswer,
  taskIdOf,
} from "./task.js";

const RESUME_MAP = "__pregel_resume_map";
/** A channel of our own: LangGraph reads no writes of an id that is no task's. */
const ANSWER = "parallel-tools:answer";
/** On which the graphs stand that each of several calls in a task has invoked. */
export const SUBGRAPHS = "parallel-tools:subgraphs";
const OWN_CHANNELS = new Set([ANSWER, SUBGRAPHS]);

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
  readonly #plain: PlainAnswer | undefined;
  /** The human has answered by ids. */
  readonly #isById: boolean;
  /** Answers of this run by the ids of their questions. */
  readonly #given: Map<string, unknown>;
  /** Ids of the open questions of each task. */
  readonly #asked = new Map<string, readonly string[]>();
  /** Answers that each task has got before. */
  readonly #lists = new Map<string, readonly unknown[]>();
  /** What was kept under ids of our own, on channels of our own. */
  readonly #kept = new Map<
    string,
    { readonly version: number; readonly value: unknown }
  >();

  /**
   * @param config of a task of the step
   * @returns `undefined` where nothing can have been answered
   */
  static of(
    config: LangGraphRunnableConfig,
    timers: Timers,
  ): Promise<StepAnswers> | undefined {
    const scratchpad = scratchpadOf(config);
    if (scratchpad === undefined) return undefined;
    const { signal } = config;
    const known = signal && steps.get(signal);
    const plain = takePlainAnswer(scratchpad, known === undefined);
    if (known !== undefined) return known;
    if (plain === undefined && !isResumed(config)) return undefined;
    const answers = read(config, plain, timers);
    if (signal !== undefined) steps.set(signal, answers);
    return answers;
  }

  constructor(
    checkpoint: OpenCheckpoint | undefined,
    writes: readonly PendingWrite[],
    given: ReadonlyMap<string, unknown>,
    plain: PlainAnswer | undefined,
  ) {
    this.#checkpoint = checkpoint;
    this.#given = new Map(given);
    this.#isById = given.size > 0;
    this.#plain = plain;
    for (const [id, channel, value] of writes) {
      if (channel === INTERRUPT) this.#asked.set(id, idsOf(value));
      else if (channel === RESUME) this.#lists.set(id, [value].flat());
      else if (OWN_CHANNELS.has(channel)) this.#read(id, channel, value);
    }
  }

  /** What was kept last under an id counts. */
  #read(id: string, channel: string, value: unknown): void {
    const [base = "", version = "0"] = id.split(".");
    const place = `${base} ${channel}`;
    const before = this.#kept.get(place);
    if (before !== undefined && before.version > Number(version)) return;
    this.#kept.set(place, { version: Number(version), value });
  }

  /**
   * Keeps a value under an id and on a channel of our own. Checkpointers don't
   * write over what is there but for channels of LangGraph's, so each value has a
   * place of its own.
   */
  async note(id: string, channel: string, value: unknown): Promise<void> {
    const place = `${id} ${channel}`;
    const version = (this.#kept.get(place)?.version ?? -1) + 1;
    this.#kept.set(place, { version, value });
    await this.#checkpoint?.put(version === 0 ? id : `${id}.${version}`, [
      [channel, value],
    ]);
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
  handTo(
    config: LangGraphRunnableConfig,
    asker?: string,
    earlier: readonly unknown[] = [],
  ): Configurable {
    const { configurable = {} } = config;
    const scratchpad = scratchpadOf(config);
    if (scratchpad === undefined) return configurable;
    takePlainAnswer(scratchpad, false);
    const { resume } = scratchpad;
    const task = String(taskIdOf(config));
    const before = this.#lists.get(task)?.length ?? 0;
    const asked = asker === undefined ? this.#bind(task) : this.#bind(asker, 1);
    const id =
      nextQuestionId(namespaceOf(config), Math.min(before, resume.length)) ??
      "";
    if (resume.length > before) {
      // LangGraph takes an id that is answered again for the question after it.
      if (this.#isById && !this.#given.has(id)) resume.length = before;
    } else if (this.#plain && asked.includes(id)) {
      resume.push(this.#plain.value);
    }
    resume.push(...earlier.slice(resume.length));
    return this.#withPlainById(configurable);
  }

  /**
   * Keeps the answers of a task that LangGraph keeps nothing of, since it ends with
   * an interrupt that has no questions.
   *
   * @param error what the call has thrown
   */
  async keep(config: LangGraphRunnableConfig, error: unknown): Promise<void> {
    const scratchpad = scratchpadOf(config);
    const task = String(taskIdOf(config));
    if (scratchpad === undefined) return;
    const { resume, interruptCounter } = scratchpad;
    // One that doesn't have the form that its question wants is none.
    if (isInvalidResume(error)) resume.length = interruptCounter;
    if (resume.length <= (this.#lists.get(task)?.length ?? 0)) return;
    this.#lists.set(task, [...resume]);
    await this.#checkpoint?.put(task, [[RESUME, [...resume]]]);
  }

  /**
   * The answers to the questions of one of several calls in a task, which
   * `handTo` was called for.
   *
   * @param idOf the id of the call's question of this number, from 0
   */
  answersTo(idOf: (answered: number) => string): unknown[] {
    const answers: unknown[] = [];
    for (;;) {
      const id = idOf(answers.length);
      const kept = this.kept(id, ANSWER);
      if (kept !== undefined) answers.push(kept);
      else if (this.#given.has(id)) answers.push(this.#given.get(id));
      else return answers;
    }
  }

  /** So many answers stay those of their questions, also if no call reads them. */
  async keepAnswers(
    count: number,
    idOf: (answered: number) => string,
  ): Promise<void> {
    for (let answered = 0; answered < count; answered += 1) {
      const id = idOf(answered);
      if (this.kept(id, ANSWER) !== undefined) continue;
      await this.note(id, ANSWER, this.#given.get(id));
    }
  }

  /** The answer to a question was none: it is open. */
  async leave(id: string): Promise<void> {
    this.#given.delete(id);
    if (this.kept(id, ANSWER) !== undefined) {
      await this.note(id, ANSWER, undefined);
    }
  }

  /** What was kept under an id and on a channel of our own. */
  kept(id: string, channel: string): unknown {
    return this.#kept.get(`${id} ${channel}`)?.value;
  }

  /**
   * The plain answer is for all questions of a task that were open. Where the calls
   * of one task have questions of several tasks, it is for the first, as without
   * `durable`.
   */
  #bind(task: string, most?: number): readonly string[] {
    const asked = (this.#asked.get(task) ?? []).slice(0, most);
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
  plain: PlainAnswer | undefined,
  timers: Timers,
): Promise<StepAnswers> {
  const given = givenById(config);
  const checkpoints = openCheckpoints(config);
  const isOld = plain && (await isOldAnswer(checkpoints, plain, timers));
  // Nobody answers by id and plainly at once: a plain one is left from before.
  const fresh = isOld || given.size > 0 ? undefined : plain;
  const [checkpoint] = checkpoints;
  const writes = await checkpoint?.read().catch(() => undefined);
  return new StepAnswers(checkpoint, writes ?? [], given, fresh);
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

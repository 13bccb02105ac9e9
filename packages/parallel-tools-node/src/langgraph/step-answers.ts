/**
 * The host's secrets: how the answers of humans reach the tasks of a step.
 *
 * - LangGraph hands a plain answer, `new Command({ resume: value })`, to every
 *   task of the step that asks, also to one that asks for the first time.
 * - Answers by id are in the configurable, under `__pregel_resume_map`. If an id
 *   is answered that has an answer already, LangGraph takes the new answer for the
 *   next question of the same task.
 * - All tasks of a step have the same `config.signal`.
 *
 * Read in LangGraph 1.7.0, 1.7.1 and 1.7.3 (`pregel/algo`, `pregel/runner`).
 */
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { openCheckpoints } from "./pending-writes.js";
import { isOldAnswer, type Timers } from "./plain-answer.js";
import { nextQuestionId } from "./question-id.js";
import { type StepWrites, stepWrites } from "./step-writes.js";
import {
  type Configurable,
  INTERRUPT,
  isResumed,
  namespaceOf,
  type PlainAnswer,
  RESUME,
  scratchpadOf,
  takePlainAnswer,
  taskIdOf,
} from "./task.js";

const RESUME_MAP = "__pregel_resume_map";
/** Our channel for answers. LangGraph ignores it: the ids are not those of tasks. */
const ANSWER = "parallel-tools:answer";
/** Our channel for the numbers of the graphs that each call of a task has run. */
export const SUBGRAPHS = "parallel-tools:subgraphs";
const OWN_CHANNELS = new Set([ANSWER, SUBGRAPHS]);

/** By the signal of the step. */
const steps = new WeakMap<AbortSignal, Promise<StepAnswers>>();

/**
 * The answers of humans to the questions of a step, in a run that has resumed.
 *
 * A plain answer belongs to the questions that were open when it was given. It is
 * saved under the id of each of them, it is taken off the checkpoint, and no other
 * question gets it.
 */
export class StepAnswers {
  readonly #step: StepWrites;
  readonly #plain: PlainAnswer | undefined;
  /** The human has answered by ids. */
  readonly #isById: boolean;
  /** Answers of this run by the ids of their questions. */
  readonly #given: Map<string, unknown>;
  /** The ids of the open questions, by task. */
  readonly #asked = new Map<string, readonly string[]>();
  /** The answers that were saved in earlier runs, by task. */
  readonly #lists = new Map<string, readonly unknown[]>();
  /** What was saved on our own channels, under our own ids. */
  readonly #kept = new Map<
    string,
    { readonly version: number; readonly value: unknown }
  >();

  /**
   * @param config of a task of the step
   * @returns `undefined` if there can't be any answer
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
    step: StepWrites,
    given: ReadonlyMap<string, unknown>,
    plain: PlainAnswer | undefined,
  ) {
    this.#step = step;
    this.#given = new Map(given);
    this.#isById = given.size > 0;
    this.#plain = plain;
    for (const [id, channel, value] of step.writes) {
      if (channel === INTERRUPT) this.#asked.set(id, idsOf(value));
      else if (channel === RESUME) this.#lists.set(id, [value].flat());
      else if (OWN_CHANNELS.has(channel)) this.#read(id, channel, value);
    }
    // Of several questions it can't be told which were open where a fork begins.
    const questions = [...this.#asked.values()].flat();
    if (step.future > 0 && questions.length > 1) this.#asked.clear();
  }

  /** The run goes on from a checkpoint that has another future. */
  get isFork(): boolean {
    return this.#step.future > 0;
  }

  /** Reads a write on a channel of ours. The highest version counts. */
  #read(id: string, channel: string, value: unknown): void {
    const [base = "", version = "0"] = id.split(".");
    const place = `${base} ${channel}`;
    const before = this.#kept.get(place);
    if (before !== undefined && before.version > Number(version)) return;
    this.#kept.set(place, { version: Number(version), value });
  }

  /**
   * Saves a value on one of our channels. Checkpointers overwrite only on
   * LangGraph's own channels, so each new value gets an id with a version.
   */
  async note(id: string, channel: string, value: unknown): Promise<void> {
    const base = this.#inFuture(id);
    const place = `${base} ${channel}`;
    const version = (this.#kept.get(place)?.version ?? -1) + 1;
    this.#kept.set(place, { version, value });
    await this.#step.checkpoint?.put(
      version === 0 ? base : `${base}.${version}`,
      [[channel, value]],
    );
  }

  /** No future of a checkpoint sees what another one kept. */
  #inFuture(id: string): string {
    const { future } = this.#step;
    return future === 0 ? id : `${id}-${future}`;
  }

  /**
   * Puts the answers for a task into its scratchpad.
   *
   * @param config of the task
   * @param most the plain answer goes to so many open questions at most
   * @returns the configurable for the call
   */
  handTo(config: LangGraphRunnableConfig, most?: number): Configurable {
    const { configurable = {} } = config;
    const scratchpad = scratchpadOf(config);
    if (scratchpad === undefined) return configurable;
    takePlainAnswer(scratchpad, false);
    const { resume } = scratchpad;
    const task = String(taskIdOf(config));
    const before = this.#answersBefore(task, resume);
    const asked = this.#bind(task, most);
    const id =
      nextQuestionId(namespaceOf(config), Math.min(before, resume.length)) ??
      "";
    if (resume.length > before) {
      // LangGraph took an answer to an old question for one to the next.
      if (this.#isById && !this.#given.has(id)) resume.length = before;
    } else if (this.#plain && asked.includes(id)) {
      resume.push(this.#plain.value);
    }
    this.#noteList(task, resume);
    return this.#withPlainById(configurable);
  }

  /**
   * How many answers of a task are old. Those of another future are dropped: here
   * the answers of a future are noted under its number.
   */
  #answersBefore(task: string, resume: unknown[]): number {
    const before = this.#lists.get(task)?.length ?? 0;
    if (this.#step.future === 0) return before;
    const own = (this.kept(task, ANSWER) ?? []) as unknown[];
    resume.splice(0, before, ...own);
    this.#lists.set(task, own);
    return own.length;
  }

  /** LangGraph saves the list, too, but not of which future it is. */
  #noteList(task: string, resume: readonly unknown[]): void {
    const known = this.#lists.get(task)?.length ?? 0;
    if (this.#step.future === 0 || resume.length <= known) return;
    this.#lists.set(task, [...resume]);
    this.note(task, ANSWER, [...resume]).catch(() => {});
  }

  /**
   * The answers for one of several calls in a task. `handTo` must have been called
   * for the task.
   *
   * @param idOf returns the id of the call's question with this number, from 0
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

  /** Saves the first `count` answers of a call, even if the call doesn't read them. */
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

  /** Drops the answer to a question, which is open again. */
  async reopen(id: string): Promise<void> {
    this.#given.delete(id);
    if (this.kept(id, ANSWER) !== undefined) {
      await this.note(id, ANSWER, undefined);
    }
  }

  /** What was saved on one of our channels. */
  kept(id: string, channel: string): unknown {
    return this.#kept.get(`${this.#inFuture(id)} ${channel}`)?.value;
  }

  /**
   * Gives the plain answer to the first `most` open questions of a task.
   *
   * @returns the ids of these questions
   */
  #bind(task: string, most?: number): readonly string[] {
    const asked = (this.#asked.get(task) ?? []).slice(0, most);
    if (this.#plain !== undefined) {
      for (const id of asked) this.#given.set(id, this.#plain.value);
    }
    return asked;
  }

  /** A graph inside a call finds its answers by the ids of its questions. */
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
  // A Command answers by id or plainly. With both, the plain answer is an old one.
  const fresh = isOld || given.size > 0 ? undefined : plain;
  const [checkpoint] = checkpoints;
  // Without what was written before, each question is asked again.
  const nothing: StepWrites = { checkpoint, writes: [], future: 0 };
  const step = await stepWrites(config).catch(() => nothing);
  return new StepAnswers(step, given, fresh);
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

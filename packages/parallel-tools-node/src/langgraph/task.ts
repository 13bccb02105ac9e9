import type { LangGraphRunnableConfig } from "@langchain/langgraph";

/**
 * What LangGraph puts into the `configurable` of a task: its id, its namespace
 * and its scratchpad. Read in LangGraph 1.7.3: `_scratchpad` in `pregel/algo`,
 * `interrupt`, and `pregel/retry`, which sets the counter back before another
 * attempt.
 */
export type Configurable = NonNullable<LangGraphRunnableConfig["configurable"]>;

/** What LangGraph keeps for a task while it runs, as far as it is used here. */
export interface Scratchpad {
  /** The number, from 0, of the question that was asked last; -1 before any. */
  interruptCounter: number;
  /** The answers that the task has got, in the order of its questions. */
  resume: unknown[];
  /** What `new Command({ resume })` answers, where it names no interrupt. */
  nullResume?: unknown;
  /** Graphs that the task has invoked: it tells their namespaces apart. */
  subgraphCounter: number;
  /** Takes `nullResume`, here and from what LangGraph has in memory. */
  consumeNullResume?(): unknown;
}

/** What `new Command({ resume: value })` answers: it names no question. */
export interface PlainAnswer {
  readonly value: unknown;
}

/** `undefined` outside of a graph. */
export function taskIdOf({
  configurable,
}: LangGraphRunnableConfig): string | undefined {
  const id: unknown = configurable?.["__pregel_task_id"];
  return id === undefined ? undefined : String(id);
}

/**
 * The namespace of a task: that of the task around it, a `|`, and what tells it
 * from others there. Empty outside of a graph.
 */
export function namespaceOf({ configurable }: LangGraphRunnableConfig): string {
  return String(configurable?.["checkpoint_ns"] ?? "");
}

/** Whether the run of a task goes on from a checkpoint. */
export function isResumed({ configurable }: LangGraphRunnableConfig): boolean {
  return configurable?.["__pregel_resuming"] === true;
}

/**
 * The scratchpad of a task. `undefined` outside of a graph and without a
 * checkpointer, where nobody can be asked.
 */
export function scratchpadOf({
  configurable,
}: LangGraphRunnableConfig): Scratchpad | undefined {
  if (!configurable?.["__pregel_checkpointer"]) return undefined;
  return configurable["__pregel_scratchpad"] as Scratchpad | undefined;
}

/**
 * Takes the plain answer out of the scratchpad of a task.
 *
 * @param isFirst whether it is the first task of the step. LangGraph drops a
 *   write of another kind when the same answer is consumed twice
 */
export function takePlainAnswer(
  scratchpad: Scratchpad,
  isFirst: boolean,
): PlainAnswer | undefined {
  const value = scratchpad.nullResume;
  if (value != null && isFirst) scratchpad.consumeNullResume?.();
  delete scratchpad.nullResume;
  return value == null ? undefined : { value };
}

/**
 * The configurable of a task with another scratchpad in it. Answers that are
 * read from that scratchpad are not written down as answers of the task.
 *
 * @param onAnswer an answer was read, and its question has accepted it
 */
export function withScratchpad(
  configurable: Configurable,
  scratchpad: Scratchpad,
  onAnswer: () => void = () => {},
): Configurable {
  const send = configurable["__pregel_send"] as Send | undefined;
  return {
    ...configurable,
    __pregel_scratchpad: scratchpad,
    ...(send && {
      __pregel_send: (writes: readonly Write[]) => {
        const others = writes.filter(([channel]) => channel !== "__resume__");
        if (others.length < writes.length) onAnswer();
        if (others.length > 0) send(others);
      },
    }),
  };
}

type Write = readonly [channel: string, value: unknown];
type Send = (writes: readonly Write[]) => void;

/** Rounds that are taken, by the scratchpad, which each run of a task has anew. */
const roundsOf = new WeakMap<object, Set<number>>();

/**
 * A batch begins in a task. A function of the application may run several
 * batches in one task, at once or one after the other. Each has calls and
 * questions of its own, which its round tells apart.
 *
 * @returns the lowest number that no batch of the task has which runs or has
 *   ended well. A batch that failed leaves its number to the one that replaces it
 */
export function beginRound({ configurable }: LangGraphRunnableConfig): number {
  const task = configurable?.["__pregel_scratchpad"] as object | undefined;
  if (task === undefined) return 0;
  const rounds = roundsOf.get(task) ?? new Set<number>();
  roundsOf.set(task, rounds);
  let round = 0;
  while (rounds.has(round)) round += 1;
  rounds.add(round);
  return round;
}

/** The batch of a round has failed. */
export function leaveRound(
  { configurable }: LangGraphRunnableConfig,
  round: number,
): void {
  const task = configurable?.["__pregel_scratchpad"] as object | undefined;
  if (task !== undefined) roundsOf.get(task)?.delete(round);
}

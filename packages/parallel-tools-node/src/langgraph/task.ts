/**
 * The host's secret: what LangGraph puts into the configurable of a task. Keys
 * that several files of this folder need are named here.
 *
 * Read in LangGraph 1.7.0, 1.7.1 and 1.7.3 (`constants`, `_scratchpad` in
 * `pregel/algo`, `interrupt`).
 */
import { createHash } from "node:crypto";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";

/** The checkpointer of the graph. Without one a task can't ask a human. */
export const CHECKPOINTER = "__pregel_checkpointer";
/** The namespace of the task; see `namespaceOf`. */
export const NAMESPACE = "checkpoint_ns";
/** The scratchpad of the task, see `Scratchpad`. Each run of a task has its own. */
export const SCRATCHPAD = "__pregel_scratchpad";
/** The function that takes the writes of the task. */
const SEND = "__pregel_send";

/** The channel to which a task writes its questions. */
export const INTERRUPT = "__interrupt__";
/** The channel to which a task writes the answers that it has read. */
export const RESUME = "__resume__";

export type Configurable = NonNullable<LangGraphRunnableConfig["configurable"]>;

/** What LangGraph keeps for a task while it runs: the fields used here. */
export interface Scratchpad {
  /** The number, from 0, of the question that was asked last; -1 before any. */
  interruptCounter: number;
  /** The answers to the task's questions, in order. */
  resume: unknown[];
  /** The plain answer, until the task has read it. */
  nullResume?: unknown;
  /** How many graphs the task has run. It is part of their namespaces. */
  subgraphCounter: number;
  /** Returns `nullResume` and deletes it, also from LangGraph's memory. */
  consumeNullResume?(): unknown;
}

/** The answer in `new Command({ resume: value })`, which names no question. */
export interface PlainAnswer {
  readonly value: unknown;
}

/** `undefined` outside a graph. */
export function taskIdOf({
  configurable,
}: LangGraphRunnableConfig): string | undefined {
  const id: unknown = configurable?.["__pregel_task_id"];
  return id === undefined ? undefined : String(id);
}

/**
 * The namespace of a task, such as `agent:1|tools:2`: that of the task around it,
 * a `|`, and its own name and id. Empty outside a graph.
 */
export function namespaceOf({ configurable }: LangGraphRunnableConfig): string {
  return String(configurable?.[NAMESPACE] ?? "");
}

/** The name of the node whose task this is. Empty outside a graph. */
export function nodeOf(config: LangGraphRunnableConfig): string {
  const [name = ""] = namespaceOf(config).split("|").at(-1)!.split(":");
  return name;
}

/** An id of ours, with the form of LangGraph's: 32 hexadecimal digits. */
export function ownId(parts: readonly unknown[]): string {
  const text = JSON.stringify(parts);
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

/** Whether the run has resumed from a checkpoint. */
export function isResumed({ configurable }: LangGraphRunnableConfig): boolean {
  return configurable?.["__pregel_resuming"] === true;
}

/**
 * The scratchpad of a task. `undefined` outside a graph and without a
 * checkpointer, because then a task can't ask a human.
 */
export function scratchpadOf({
  configurable,
}: LangGraphRunnableConfig): Scratchpad | undefined {
  if (!configurable?.[CHECKPOINTER]) return undefined;
  return configurable[SCRATCHPAD] as Scratchpad | undefined;
}

/** How many questions a task has asked so far. */
export function questionsAsked(config: LangGraphRunnableConfig): number {
  return (scratchpadOf(config)?.interruptCounter ?? -1) + 1;
}

/**
 * Takes the plain answer out of the scratchpad of a task.
 *
 * @param isFirst whether no other task of the step has taken it before. If the
 *   same answer is consumed twice, LangGraph drops another write
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
 * The configurable of a task with another scratchpad. Answers that are read from
 * that scratchpad are not saved as answers of the task.
 *
 * @param onAnswer is called when a question has accepted its answer
 */
export function withScratchpad(
  configurable: Configurable,
  scratchpad: Scratchpad,
  onAnswer: () => void = () => {},
): Configurable {
  const send = configurable[SEND] as Send | undefined;
  return {
    ...configurable,
    [SCRATCHPAD]: scratchpad,
    ...(send && {
      [SEND]: (writes: readonly Write[]) => {
        const others = writes.filter(([channel]) => channel !== RESUME);
        if (others.length < writes.length) onAnswer();
        if (others.length > 0) send(others);
      },
    }),
  };
}

type Write = readonly [channel: string, value: unknown];
type Send = (writes: readonly Write[]) => void;

/** The rounds in use, by scratchpad. */
const roundsOf = new WeakMap<object, Set<number>>();

/**
 * Begins a batch in a task and returns its round. An application may run several
 * batches in one task, at once or one after the other. The round keeps their
 * calls and questions apart.
 *
 * @returns the lowest number that is free. A batch keeps its number when it has
 *   ended well. If it fails, the batch that replaces it gets the number
 */
export function beginRound({ configurable }: LangGraphRunnableConfig): number {
  const task = configurable?.[SCRATCHPAD] as object | undefined;
  if (task === undefined) return 0;
  const rounds = roundsOf.get(task) ?? new Set<number>();
  roundsOf.set(task, rounds);
  let round = 0;
  while (rounds.has(round)) round += 1;
  rounds.add(round);
  return round;
}

/** Frees the round of a batch that has failed. */
export function leaveRound(
  { configurable }: LangGraphRunnableConfig,
  round: number,
): void {
  const task = configurable?.[SCRATCHPAD] as object | undefined;
  if (task !== undefined) roundsOf.get(task)?.delete(round);
}

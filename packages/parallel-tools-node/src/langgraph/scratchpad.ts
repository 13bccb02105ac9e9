import type { LangGraphRunnableConfig } from "@langchain/langgraph";

/**
 * What LangGraph keeps for a task while it runs, as far as questions to a human
 * go. Read in LangGraph 1.7.3: `_scratchpad` in `pregel/algo`, `interrupt`,
 * and `pregel/retry`, which sets the counter back before another attempt.
 */
export interface Scratchpad {
  /** The number, from 0, of the question that was put last; -1 before any. */
  interruptCounter: number;
  /** The answers that the task has got, in the order of its questions. */
  resume: unknown[];
  /** What `new Command({ resume })` answers, where it names no interrupt. */
  nullResume?: unknown;
  /** Graphs that the task has invoked: their namespaces are told apart by it. */
  subgraphCounter: number;
  /** Takes `nullResume`, here and from what LangGraph has in memory. */
  consumeNullResume?(): unknown;
}

/**
 * The scratchpad of the task that a config is of. `undefined` outside of a graph
 * and without a checkpointer, where nobody can be asked.
 */
export function scratchpadOf({
  configurable,
}: LangGraphRunnableConfig): Scratchpad | undefined {
  if (!configurable?.["__pregel_checkpointer"]) return undefined;
  return configurable["__pregel_scratchpad"] as Scratchpad | undefined;
}

/** What a call is given in place of its task's own configurable. */
export type Configurable = NonNullable<LangGraphRunnableConfig["configurable"]>;

/**
 * The configurable of a task with another scratchpad in it. Answers that are
 * read from that one are not written down as those of the task.
 *
 * @param onAnswer an answer was read, and is what its question takes
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

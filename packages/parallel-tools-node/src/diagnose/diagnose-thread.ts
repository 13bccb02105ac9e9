import { ConfigurationError } from "../errors/configuration-error.js";
import type { DiagnoseOptions } from "./diagnose-options.js";
import type { Diagnosis } from "./diagnosis.js";
import { readMessages } from "./formats/read-message.js";
import { readTime } from "./formats/read-time.js";
import { ownField, ownList, ownText } from "./own-field.js";
import { Tally } from "./tally.js";

/** Checkpoints of a thread that are looked at, from the last one back. */
const MAX_CHECKPOINTS = 10_000;

/** The part of a compiled graph of LangGraph that a diagnosis needs. */
export interface GraphWithHistory<Config> {
  /** Checkpoints of a thread, the last one first. */
  getStateHistory(config: Config): AsyncIterable<unknown>;
}

export interface DiagnoseThreadOptions extends DiagnoseOptions {
  /**
   * The key of the graph's state that holds the messages.
   *
   * @default "messages"
   */
  messagesKey?: string;
}

/**
 * As {@link diagnose}, over the history that a checkpointer keeps of a thread:
 * also over messages that were trimmed since, and with the time at which each
 * came. Of a thread with forks the branch of the last checkpoint is read.
 *
 * @param config as for `graph.invoke`, with the `thread_id`
 * @throws UnreadableConversationError the state holds what is no message
 * @throws ConfigurationError an option that is not what it has to be, or a
 *   thread without a checkpoint
 *
 * @example
 * ```ts
 * import { MemorySaver, MessagesAnnotation, StateGraph } from "@langchain/langgraph";
 * import { diagnoseThread } from "parallel-tools-node/diagnose";
 *
 * const graph = new StateGraph(MessagesAnnotation)
 *   .addNode("agent", () => ({ messages: [] }))
 *   .addEdge("__start__", "agent")
 *   .compile({ checkpointer: new MemorySaver() });
 * const config = { configurable: { thread_id: "1" } };
 *
 * await graph.invoke({ messages: [{ role: "user", content: "Hi" }] }, config);
 * const { turns, turnsNeeded } = await diagnoseThread(graph, config, {
 *   reads: ["search"],
 * });
 * ```
 */
export async function diagnoseThread<Config>(
  graph: GraphWithHistory<Config>,
  config: Config,
  options: DiagnoseThreadOptions = {},
): Promise<Diagnosis> {
  const { messagesKey = "messages", ...rest } = options;
  if (typeof messagesKey !== "string" || messagesKey === "") {
    throw new ConfigurationError("messagesKey", "a name", messagesKey);
  }
  const tally = new Tally(rest);
  const states = await branchOf(graph.getStateHistory(config));
  if (states.length === 0) {
    throw new ConfigurationError(
      "config",
      "that of a thread with a checkpoint",
      config,
    );
  }
  const seen = new Map<string, { readonly value: unknown; atMs?: number }>();
  for (const state of states) {
    const atMs = readTime(ownField(state, "createdAt"));
    const list = ownList(ownField(state, "values"), messagesKey) ?? [];
    for (const [place, value] of list.entries()) {
      const key = ownText(value, "id") ?? `at ${place}`;
      const first = seen.get(key);
      // The place stays that of the first time, the words become the last ones.
      seen.set(key, {
        value,
        ...((first ? first.atMs : atMs) !== undefined && {
          atMs: (first ? first.atMs : atMs) as number,
        }),
      });
    }
  }
  const messages = [...seen.values()].flatMap(({ value, atMs }) =>
    readMessages([value], "").map((message) => ({
      ...message,
      atMs: message.atMs ?? atMs,
    })),
  );
  tally.add({ messages });
  return tally.result();
}

/** The checkpoints that led to the last one, from the first on. */
async function branchOf(history: AsyncIterable<unknown>): Promise<unknown[]> {
  const branch: unknown[] = [];
  let wanted: string | undefined;
  for await (const state of history) {
    if (branch.length > 0 && idOf(state, "config") !== wanted) continue;
    branch.push(state);
    wanted = idOf(state, "parentConfig");
    if (wanted === undefined || branch.length >= MAX_CHECKPOINTS) break;
  }
  return branch.reverse();
}

function idOf(state: unknown, config: string): string | undefined {
  const { configurable } = (ownField(state, config) ?? {}) as {
    configurable?: unknown;
  };
  return ownText(configurable, "checkpoint_id");
}

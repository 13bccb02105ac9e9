import { ConfigurationError } from "../errors/configuration-error.js";
import type { DiagnoseOptions } from "./diagnose-options.js";
import { DiagnosisBuilder } from "./diagnosis-builder.js";
import type { Diagnosis } from "./diagnosis.js";
import { readThread } from "./formats/read-thread.js";

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
 * Does the same as {@link diagnose} for the history of a thread that a
 * checkpointer keeps. The history also holds messages that were trimmed later,
 * and the time of each message. Of a thread with forks, it reads the branch of
 * the last checkpoint.
 *
 * @param config as for `graph.invoke`, with the `thread_id`
 * @throws UnreadableConversationError the state holds a value that is no message
 * @throws ConfigurationError an invalid option, or a thread without a checkpoint
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
  const builder = new DiagnosisBuilder(rest);
  const conversation = await readThread(
    graph.getStateHistory(config),
    messagesKey,
  );
  if (conversation === undefined) {
    throw new ConfigurationError(
      "config",
      "that of a thread with a checkpoint",
      config,
    );
  }
  builder.add(conversation);
  return builder.build();
}

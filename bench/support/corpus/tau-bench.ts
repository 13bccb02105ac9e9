import { textsIn } from "./map-texts.js";
import { readCorpus } from "./read-corpus.js";

interface TauMessage {
  readonly role: string;
  readonly content: string | null;
  readonly tool_calls?: readonly { readonly function: { arguments: string } }[];
}

/** Recorded conversations of one agent. */
interface TauBench {
  /** What it was told: a policy and how to go about it. */
  readonly systemPrompt: string;
  readonly said: readonly string[];
  /** All strings in the arguments of its calls. */
  readonly argumentTexts: readonly string[];
}

export function readTauBench(): TauBench {
  const files = readCorpus("tau-bench-airline-gpt4o.json");
  const conversations = JSON.parse(files["tau-bench-airline-gpt4o.json"]) as {
    traj: TauMessage[];
  }[];
  const messages = conversations.flatMap(({ traj }) => traj);
  const { role, content } = messages[0]!;
  if (role !== "system" || content === null) {
    throw new Error("Expected a conversation to begin with a system prompt.");
  }
  return {
    systemPrompt: content,
    said: messages.flatMap(({ content }) => content ?? []),
    argumentTexts: messages
      .flatMap((message) => message.tool_calls ?? [])
      .flatMap((call) => textsIn(JSON.parse(call.function.arguments))),
  };
}

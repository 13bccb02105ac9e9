import { textsIn } from "./map-texts.js";
import { readCorpus } from "./read-corpus.js";

interface TauMessage {
  readonly content: string | null;
  readonly tool_calls?: readonly { readonly function: { arguments: string } }[];
}

/** Recorded conversations: all that was said, and all strings in arguments. */
export function readTauBench(): { said: string[]; argumentTexts: string[] } {
  const files = readCorpus("tau-bench-airline-gpt4o.json");
  const conversations = JSON.parse(files["tau-bench-airline-gpt4o.json"]) as {
    traj: TauMessage[];
  }[];
  const messages = conversations.flatMap(({ traj }) => traj);
  return {
    said: messages.flatMap(({ content }) => content ?? []),
    argumentTexts: messages
      .flatMap((message) => message.tool_calls ?? [])
      .flatMap((call) => textsIn(JSON.parse(call.function.arguments))),
  };
}

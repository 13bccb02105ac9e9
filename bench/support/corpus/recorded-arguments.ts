import { textsIn } from "./map-texts.js";
import { parseLines, readCorpus } from "./read-corpus.js";

interface RecordedMessage {
  readonly tool_calls?: readonly { readonly function: { arguments: string } }[];
}

/**
 * All strings in the arguments of the tool calls of recorded conversations, in
 * files that hold one conversation a line. A call whose arguments are no JSON
 * counts as one string.
 */
export function recordedArguments<Name extends string>(
  ...names: readonly Name[]
): Record<Name, string[]> {
  const files = readCorpus(...names);
  return Object.fromEntries(
    names.map((name) => [
      name,
      (parseLines(files[name]) as { messages: RecordedMessage[] }[])
        .flatMap(({ messages }) => messages)
        .flatMap((message) => message.tool_calls ?? [])
        .flatMap((call) => textsIn(readArguments(call.function.arguments))),
    ]),
  ) as Record<Name, string[]>;
}

function readArguments(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}

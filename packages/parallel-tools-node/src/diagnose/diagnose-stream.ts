import type { DiagnoseOptions } from "./diagnose-options.js";
import { DiagnosisBuilder } from "./diagnosis-builder.js";
import type { Diagnosis } from "./diagnosis.js";
import { readConversations } from "./formats/read-conversations.js";

/** A text that arrives in pieces, and its name. */
export interface TextSource {
  /** In findings and errors, e.g. the path of a file. */
  readonly name: string;
  /** Text, or bytes of UTF-8; a stream of Node will do. */
  readonly chunks: AsyncIterable<string | Uint8Array>;
}

/**
 * Does the same as {@link diagnose} for files of any size: JSON Lines or a JSON
 * array of conversations, messages, or runs as LangSmith exports them. It holds
 * one conversation at a time in memory.
 *
 * @throws UnreadableConversationError a value that can't be read, with its place
 * @throws ConfigurationError an invalid option
 *
 * @example
 * ```ts
 * import { createReadStream } from "node:fs";
 * import { diagnoseStream } from "parallel-tools-node/diagnose";
 *
 * const name = "conversations.jsonl";
 * const diagnosis = await diagnoseStream([
 *   { name, chunks: createReadStream(name) },
 * ]);
 * ```
 */
export async function diagnoseStream(
  sources: Iterable<TextSource>,
  options: DiagnoseOptions = {},
): Promise<Diagnosis> {
  const builder = new DiagnosisBuilder(options);
  for (const { name, chunks } of sources) {
    for await (const conversation of readConversations(chunks, name)) {
      builder.add(conversation);
    }
  }
  return builder.build();
}

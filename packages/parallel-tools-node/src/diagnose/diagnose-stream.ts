import type { DiagnoseOptions } from "./diagnose-options.js";
import type { Diagnosis } from "./diagnosis.js";
import { readConversations } from "./formats/read-conversations.js";
import { Tally } from "./tally.js";

/** A text that comes in piece by piece, and what it is called. */
export interface TextSource {
  /** In findings and errors, e.g. the path of a file. */
  readonly name: string;
  /** Text, or bytes of UTF-8; a stream of Node will do. */
  readonly chunks: AsyncIterable<string | Uint8Array>;
}

/**
 * As {@link diagnose}, over files of any size: JSON Lines or a JSON array of
 * conversations, messages, or runs as LangSmith exports them. One conversation
 * is held at a time.
 *
 * @throws UnreadableConversationError with the place of what can't be read
 * @throws ConfigurationError an option that is not what it has to be
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
  const tally = new Tally(options);
  for (const { name, chunks } of sources) {
    for await (const conversation of readConversations(chunks, name)) {
      tally.add(conversation);
    }
  }
  return tally.result();
}

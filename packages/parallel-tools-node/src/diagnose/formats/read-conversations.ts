import { UnreadableConversationError } from "../../errors/unreadable-conversation-error.js";
import { ownList } from "../own-field.js";
import type {
  RecordedConversation,
  RecordedMessage,
} from "../recorded-conversation.js";
import { isRun } from "./langsmith-trace.js";
import { readConversation } from "./read-conversation.js";
import { notAMessage, readMessage } from "./read-message.js";
import { type JsonPiece, JsonSplitter } from "./split-json.js";
import { TraceCollector } from "./trace-collector.js";

/** In characters, of a conversation that is recorded message by message. */
const MAX_LENGTH = 64_000_000;

/**
 * Reads the conversations of a text that arrives in pieces, in any of the known
 * formats. It holds no more in memory than one conversation, or the traces that
 * are open at a time.
 *
 * @param source the name of the text in places and errors
 * @throws UnreadableConversationError
 */
export async function* readConversations(
  chunks: AsyncIterable<string | Uint8Array>,
  source: string,
): AsyncGenerator<RecordedConversation> {
  const reader = new Reader(source);
  const splitter = new JsonSplitter(source);
  for await (const text of decode(chunks, source)) {
    for (const piece of splitter.push(text)) yield* reader.add(piece);
  }
  splitter.end();
  yield* reader.end();
}

/** States: no conversation is open; or one is open and grows by messages. */
class Reader {
  readonly #source: string;
  readonly #traces = new TraceCollector();
  #open: RecordedMessage[] | undefined;
  #openArray: number | undefined;
  #openPlace = "";
  #openLength = 0;
  #pieces = 0;

  constructor(source: string) {
    this.#source = source;
  }

  *add({
    value,
    line,
    column,
    array,
    length,
  }: JsonPiece): Generator<RecordedConversation> {
    const place = `${this.#source}, line ${line}, column ${column}`;
    this.#pieces += 1;
    const runs = isRun(value) ? [value] : ownList(value, "runs");
    if (runs?.every(isRun)) {
      for (const run of runs)
        yield* this.#addSource(this.#traces.add(run, place));
      return;
    }
    const message = readMessage(value);
    if (message === undefined) {
      yield* this.#flush();
      const conversation = readConversation(value, place);
      if (conversation === undefined) throw notAMessage(place, value);
      yield { ...conversation, source: this.#source };
      return;
    }
    if (array !== this.#openArray) yield* this.#flush();
    if (this.#open === undefined) {
      this.#open = [];
      this.#openArray = array;
      this.#openPlace = place;
    }
    this.#openLength += length;
    if (this.#openLength > MAX_LENGTH) {
      throw new UnreadableConversationError(
        place,
        `the conversation that begins at ${this.#openPlace} is longer than ${MAX_LENGTH} characters`,
        "Put each conversation into an array or an object of its own.",
      );
    }
    if (message !== "nothing") this.#open.push(message);
  }

  *end(): Generator<RecordedConversation> {
    yield* this.#flush();
    yield* this.#addSource(this.#traces.end());
    if (this.#pieces > 0) return;
    throw new UnreadableConversationError(
      this.#source,
      "there is nothing in it",
      "Expected JSON Lines, or one JSON array of conversations, messages or runs.",
    );
  }

  #addSource(conversations: readonly RecordedConversation[]) {
    const source = this.#source;
    return conversations.map((one) => ({ ...one, source }));
  }

  *#flush(): Generator<RecordedConversation> {
    const messages = this.#open;
    this.#open = undefined;
    this.#openLength = 0;
    if (messages === undefined) return;
    yield { source: this.#source, place: this.#openPlace, messages };
  }
}

async function* decode(
  chunks: AsyncIterable<string | Uint8Array>,
  source: string,
): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let bytes = 0;
  const decoded = (chunk?: Uint8Array) => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch (error) {
      throw new UnreadableConversationError(
        `${source}, near byte ${bytes}`,
        "this is no text in UTF-8",
        "Exports that are compressed or in Parquet have to be turned into JSON first.",
        error,
      );
    }
  };
  for await (const chunk of chunks) {
    yield typeof chunk === "string" ? chunk : decoded(chunk);
    bytes += chunk.length;
  }
  yield decoded();
}

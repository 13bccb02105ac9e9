/**
 * The host's secret: how LangChain tells of an answer that is being written. A model that
 * is asked for its whole answer streams it if a handler prefers that, and hands its
 * chunks or its events to handlers that know these.
 *
 * Read in @langchain/core 1.4.0 (`language_models/chat_models`, `callbacks/base`).
 */
import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import type { Callbacks } from "@langchain/core/callbacks/manager";
import type { ToolCallChunk } from "@langchain/core/messages/tool";

/** Is told of the calls in an answer. */
export interface WrittenCalls {
  /** Pieces of calls, as a chunk of a message has them. */
  addPieces(pieces: readonly ToolCallChunk[]): void;
  /** A finished block, as a stream of events has it. */
  addFinished(index: number, content: unknown): void;
}

/** What a handler is told of a token, as far as it is read. */
interface Token {
  readonly chunk?: {
    readonly message?: { readonly tool_call_chunks?: readonly ToolCallChunk[] };
  };
}

/** An event of a stream, as far as it is read. */
interface StreamEvent {
  readonly event: string;
  readonly index?: number;
  readonly content?: { readonly type?: string } & ToolCallChunk;
  readonly delta?: { readonly type?: string; readonly args?: string };
}

/**
 * Reads the calls of one message while the model writes it. LangChain tells it either of
 * chunks, or of events where another handler wants these.
 */
export class WritingHandler extends BaseCallbackHandler {
  readonly name = "parallel-tools-node: eager start";
  /** A model that is asked for its whole answer streams it for this handler. */
  readonly lc_prefer_streaming = true;
  override awaitHandlers = true;
  readonly #written: WrittenCalls;
  /** The blocks of an event stream that are calls. */
  readonly #calls = new Set<number>();

  constructor(written: WrittenCalls) {
    super();
    this.#written = written;
  }

  override copy(): this {
    return this;
  }

  override handleLLMNewToken(
    _token: string,
    _place: unknown,
    _runId: string,
    _parentRunId?: string,
    _tags?: string[],
    fields?: unknown,
  ): void {
    const { chunk } = (fields ?? {}) as Token;
    const pieces = chunk?.message?.tool_call_chunks;
    if (pieces !== undefined && pieces.length > 0) {
      this.#written.addPieces(pieces);
    }
  }

  override handleChatModelStreamEvent(given: unknown): void {
    const { event, index, content, delta } = given as StreamEvent;
    if (index === undefined) return;
    if (
      event === "content-block-start" &&
      content?.type === "tool_call_chunk"
    ) {
      this.#calls.add(index);
      const { id, name, args } = content;
      this.#written.addPieces([
        {
          type: "tool_call_chunk",
          index,
          ...(id !== undefined && { id }),
          ...(name !== undefined && { name }),
          ...(args !== undefined && { args }),
        },
      ]);
    } else if (delta?.type === "tool-call-delta" && this.#calls.has(index)) {
      const { args = "" } = delta;
      this.#written.addPieces([{ type: "tool_call_chunk", index, args }]);
    } else if (event === "content-block-finish") {
      this.#written.addFinished(index, content);
    }
  }
}

/** Those who hear what a run with these callbacks is told. */
export function handlersOf(
  callbacks: Callbacks | undefined,
): readonly object[] {
  return Array.isArray(callbacks) ? callbacks : (callbacks?.handlers ?? []);
}

/** The same callbacks, and one handler more. */
export function withHandler(
  callbacks: Callbacks | undefined,
  handler: BaseCallbackHandler,
): Callbacks {
  if (callbacks === undefined) return [handler];
  return Array.isArray(callbacks)
    ? [...callbacks, handler]
    : callbacks.copy([handler], false);
}

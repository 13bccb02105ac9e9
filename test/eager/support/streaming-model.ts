import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import {
  AIMessageChunk,
  type BaseMessage,
  type UsageMetadata,
} from "@langchain/core/messages";
import type { ToolCallChunk } from "@langchain/core/messages/tool";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";
import { sleep } from "./sleep.js";

/** A part of a message that a model writes. */
export interface Piece {
  /** How long the model takes to write it. */
  readonly ms?: number;
  readonly text?: string;
  readonly calls?: readonly Omit<ToolCallChunk, "type">[];
  /** Why the model has stopped. */
  readonly stop?: string;
  readonly usage?: UsageMetadata;
  /** The model breaks off with it. */
  readonly error?: Error;
}

/** A message. After the last one the model says "done". */
export type Turn = readonly Piece[];

const DONE: Turn = [{ ms: 1, text: "done" }];

/** A model that writes `turns`, one each time that it is asked, piece by piece. */
export class StreamingModel extends BaseChatModel {
  asked = 0;
  readonly #turns: readonly Turn[];
  readonly #onPiece: (turn: number, piece: Piece, at: number) => void;

  constructor(
    turns: readonly Turn[],
    onPiece: (turn: number, piece: Piece, at: number) => void = () => {},
  ) {
    super({ maxRetries: 0 });
    this.#turns = turns;
    this.#onPiece = onPiece;
  }

  override _llmType(): string {
    return "streaming";
  }

  override bindTools() {
    return this.withConfig({}) as never;
  }

  override async *_streamResponseChunks(
    _messages: BaseMessage[],
    { signal }: this["ParsedCallOptions"],
    manager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    const turn = this.asked;
    this.asked += 1;
    const pieces = this.#turns[turn] ?? DONE;
    for (const [at, piece] of pieces.entries()) {
      await sleep(piece.ms ?? 0, signal);
      if (piece.error) throw piece.error;
      this.#onPiece(turn, piece, at);
      const chunk = chunkOf(piece);
      yield chunk;
      const place = { prompt: 0, completion: 0 };
      const none = undefined;
      await manager?.handleLLMNewToken(chunk.text, place, none, none, none, {
        chunk,
      });
    }
  }

  override async _generate(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    manager?: CallbackManagerForLLMRun,
  ): Promise<ChatResult> {
    let all: ChatGenerationChunk | undefined;
    const chunks = this._streamResponseChunks(messages, options, manager);
    for await (const chunk of chunks) all = all ? all.concat(chunk) : chunk;
    return { generations: all ? [all] : [] };
  }
}

function chunkOf({ text = "", calls, stop, usage }: Piece) {
  return new ChatGenerationChunk({
    text,
    message: new AIMessageChunk({
      content: text,
      ...(calls && {
        tool_call_chunks: calls.map((call) => ({
          ...call,
          type: "tool_call_chunk",
        })),
      }),
      ...(usage && { usage_metadata: { ...usage } as never }),
      ...(stop && { response_metadata: { finish_reason: stop } }),
    }),
  });
}

import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import {
  type AIMessage,
  AIMessageChunk,
  type BaseMessage,
} from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import { ChatGenerationChunk } from "@langchain/core/outputs";
import { nextMessage, rawCall, ScriptedModel } from "./scripted-model.js";

/** Waits before a piece of a message. `turn` counts from 0. */
type Delay = (turn: number, piece: number) => Promise<void> | undefined;

/** Says what the scripted model says, piece by piece. */
export class StreamingModel extends ScriptedModel {
  readonly #turns: readonly (readonly ToolCall[])[];
  readonly #delay: Delay;

  constructor(turns: readonly (readonly ToolCall[])[], delay: Delay) {
    super(turns);
    this.#turns = turns;
    this.#delay = delay;
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    _options: this["ParsedCallOptions"],
    manager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    const turn = messages.filter((one) => one.type === "ai").length;
    const pieces = piecesOf(nextMessage(this.#turns, messages));
    for (const [at, message] of pieces.entries()) {
      await this.#delay(turn, at);
      const chunk = new ChatGenerationChunk({ text: message.text, message });
      yield chunk;
      const place = { prompt: 0, completion: 0 };
      const none = undefined;
      await manager?.handleLLMNewToken(chunk.text, place, none, none, none, {
        chunk,
      });
    }
  }
}

function piecesOf({ content, tool_calls: calls }: AIMessage): AIMessageChunk[] {
  const end = new AIMessageChunk({
    content: "",
    response_metadata: { finish_reason: calls?.length ? "tool_calls" : "stop" },
  });
  return [
    new AIMessageChunk({ content }),
    ...(calls ?? []).flatMap(piecesOfCall),
    end,
  ];
}

/** Its first piece has its name; the others have the rest of its arguments. */
function piecesOfCall(call: ToolCall, index: number): AIMessageChunk[] {
  const { id, name, args } = call;
  const text = JSON.stringify(args);
  // Without an index, LangChain takes pieces with one id for parts of one call.
  const raw = { ...rawCall(call), index };
  const third = Math.ceil(text.length / 3);
  return [0, 1, 2].map((at) => {
    const piece = {
      type: "tool_call_chunk" as const,
      index,
      ...(at === 0 && { name, ...(id !== undefined && { id }) }),
      args: text.slice(at * third, (at + 1) * third),
    };
    return new AIMessageChunk({
      content: "",
      tool_call_chunks: [piece],
      ...(at === 0 && { additional_kwargs: { tool_calls: [raw] } }),
    });
  });
}

import {
  BaseChatModel,
  type BaseChatModelParams,
} from "@langchain/core/language_models/chat_models";
import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import {
  AIMessageChunk,
  type BaseMessage,
  isAIMessage,
  isHumanMessage,
} from "@langchain/core/messages";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";

/**
 * Does what the last message of the user says, in JSON: asks for a list of calls,
 * then says "All done."; or says a text. It is written word by word where somebody
 * listens. It keeps nothing, so one model serves all runs of a process.
 */
export class MessageModel extends BaseChatModel {
  constructor(params: BaseChatModelParams = {}) {
    super(params);
  }

  override _llmType(): string {
    return "message";
  }

  override bindTools(): this {
    return this;
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    _options: this["ParsedCallOptions"],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    for (const message of chunksFor(messages)) {
      const text = String(message.content);
      const chunk = new ChatGenerationChunk({ text, message });
      yield chunk;
      await runManager?.handleLLMNewToken(
        text,
        undefined,
        undefined,
        undefined,
        undefined,
        { chunk },
      );
    }
  }

  override _generate(messages: BaseMessage[]): Promise<ChatResult> {
    const message = chunksFor(messages).reduce((all, chunk) =>
      all.concat(chunk),
    );
    return Promise.resolve({
      generations: [{ message, text: String(message.content) }],
    });
  }
}

interface ScriptedCall {
  readonly id: string;
  readonly name: string;
  readonly args: object;
}

function chunksFor(messages: readonly BaseMessage[]): AIMessageChunk[] {
  const start = messages.findLastIndex((message) => isHumanMessage(message));
  const script: unknown = JSON.parse(messages[start]?.text ?? '""');
  if (typeof script === "string") return wordsOf(script);
  const turn = messages.slice(start).filter((message) => isAIMessage(message));
  if (turn.length > 0) return wordsOf("All done.");
  return (script as ScriptedCall[]).map(
    ({ id, name, args }, index) =>
      new AIMessageChunk({
        content: "",
        tool_call_chunks: [
          {
            type: "tool_call_chunk",
            id,
            name,
            args: JSON.stringify(args),
            index,
          },
        ],
      }),
  );
}

function wordsOf(text: string): AIMessageChunk[] {
  return text.split(/(?= )/).map((content) => new AIMessageChunk({ content }));
}

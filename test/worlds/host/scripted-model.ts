import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import {
  AIMessage,
  type BaseMessage,
  isAIMessage,
} from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import type { ChatResult } from "@langchain/core/outputs";

/** Asks for the calls of a world, then is done. It remembers nothing. */
export class ScriptedModel extends BaseChatModel {
  readonly #calls: readonly ToolCall[];

  constructor(calls: readonly ToolCall[]) {
    super({});
    this.#calls = calls;
  }

  override _llmType(): string {
    return "scripted";
  }

  override bindTools(): this {
    return this;
  }

  override _generate(messages: BaseMessage[]): Promise<ChatResult> {
    const message = messages.some(isAIMessage)
      ? new AIMessage("Done.")
      : new AIMessage({ content: "", tool_calls: [...this.#calls] });
    return Promise.resolve({
      generations: [{ message, text: message.text }],
    });
  }
}

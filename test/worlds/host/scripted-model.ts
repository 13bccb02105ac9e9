import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import {
  AIMessage,
  type BaseMessage,
  isAIMessage,
} from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import type { ChatResult } from "@langchain/core/outputs";

/** What the model says next: the calls of a turn, or that it is done. */
export function nextMessage(
  turns: readonly (readonly ToolCall[])[],
  messages: readonly BaseMessage[],
): AIMessage {
  const calls = turns[messages.filter(isAIMessage).length];
  return calls === undefined
    ? new AIMessage("Done.")
    : new AIMessage({ content: "", tool_calls: [...calls] });
}

/** Asks for the calls of a world, turn by turn. It remembers nothing. */
export class ScriptedModel extends BaseChatModel {
  readonly #turns: readonly (readonly ToolCall[])[];

  constructor(turns: readonly (readonly ToolCall[])[]) {
    super({});
    this.#turns = turns;
  }

  override _llmType(): string {
    return "scripted";
  }

  override bindTools(): this {
    return this;
  }

  override _generate(messages: BaseMessage[]): Promise<ChatResult> {
    const message = nextMessage(this.#turns, messages);
    return Promise.resolve({
      generations: [{ message, text: message.text }],
    });
  }
}

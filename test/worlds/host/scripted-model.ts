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
    : new AIMessage({
        content: "",
        tool_calls: [...calls],
        additional_kwargs: { tool_calls: calls.map(rawCall) },
      });
}

/** As OpenAI sends it. It shows the order that others may change. */
export function rawCall({ id, name, args }: ToolCall) {
  return {
    id: id as string,
    type: "function" as const,
    function: { name, arguments: JSON.stringify(args) },
  };
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

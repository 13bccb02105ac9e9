import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import {
  AIMessage,
  type BaseMessage,
  isToolMessage,
} from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import type { ChatResult } from "@langchain/core/outputs";

/**
 * Asks for `calls`, then repeats what was answered. All that it says follows from
 * the messages, so it is the same in each process.
 */
export class ScriptedModel extends BaseChatModel {
  readonly #calls: readonly ToolCall[];
  readonly #name: string;
  readonly #end: string | undefined;

  /** @param end what it says in the end, instead */
  constructor(calls: readonly ToolCall[], name: string, end?: string) {
    super({});
    this.#calls = calls;
    this.#name = name;
    this.#end = end;
  }

  override _llmType(): string {
    return "scripted";
  }

  override bindTools(): this {
    return this;
  }

  override _generate(messages: BaseMessage[]): Promise<ChatResult> {
    const answers = messages.filter(isToolMessage);
    const text = answers.map((answer) => answer.text).join("; ");
    const message =
      answers.length === 0
        ? new AIMessage({
            id: `${this.#name} asks`,
            content: "",
            tool_calls: [...this.#calls],
          })
        : new AIMessage({
            id: `${this.#name} ends`,
            content: this.#end ?? `Done: ${text}.`,
          });
    return Promise.resolve({ generations: [{ text, message }] });
  }
}

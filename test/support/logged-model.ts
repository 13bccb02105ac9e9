import {
  BaseChatModel,
  type BaseChatModelParams,
} from "@langchain/core/language_models/chat_models";
import {
  AIMessage,
  type BaseMessage,
  isAIMessage,
  isHumanMessage,
} from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import type { ChatResult } from "@langchain/core/outputs";

/**
 * A model that asks for `turns`, one after the other, since the last word of the
 * user, then says "done". Each time that it is asked is noted: `"kid model 1"`. The
 * ids of calls have a suffix from the second word of the user on.
 */
export class LoggedModel extends BaseChatModel {
  readonly #name: string;
  readonly #turns: readonly (readonly ToolCall[])[];
  readonly #log: string[];

  constructor(
    name: string,
    turns: readonly (readonly ToolCall[])[],
    log: string[],
    params: BaseChatModelParams = {},
  ) {
    super(params);
    this.#name = name;
    this.#turns = turns;
    this.#log = log;
  }

  override _llmType(): string {
    return "logged";
  }

  override bindTools(): this {
    return this;
  }

  override async _generate(messages: BaseMessage[]): Promise<ChatResult> {
    const asked = messages.slice(messages.findLastIndex(isHumanMessage) + 1);
    const turn = asked.filter((message) => isAIMessage(message)).length;
    this.#log.push(`${this.#name} model ${turn + 1}`);
    const words = messages.filter((message) => isHumanMessage(message)).length;
    const calls = this.#turns[turn]?.map((call) => withIdOf(call, words));
    const message =
      calls === undefined
        ? new AIMessage("done")
        : new AIMessage({ content: "", tool_calls: calls });
    return { generations: [{ message, text: message.text }] };
  }
}

function withIdOf(call: ToolCall, words: number): ToolCall {
  return words > 1 && call.id ? { ...call, id: `${call.id}-${words}` } : call;
}

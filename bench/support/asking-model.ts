import {
  BaseChatModel,
  type BaseChatModelParams,
} from "@langchain/core/language_models/chat_models";
import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import type { ChatResult } from "@langchain/core/outputs";

/** A model that asks for the calls of `message`, and says no more after them. */
export class AskingModel extends BaseChatModel {
  message = new AIMessage("");

  // oxlint-disable-next-line no-useless-constructor -- the base class is abstract
  constructor(fields: BaseChatModelParams) {
    super(fields);
  }

  override _llmType(): string {
    return "asking";
  }

  override bindTools(): this {
    return this;
  }

  override async _generate(messages: BaseMessage[]): Promise<ChatResult> {
    const isFirst = messages.at(-1)?.getType() === "human";
    const message = isFirst
      ? new AIMessage({
          content: "",
          tool_calls: this.message.tool_calls ?? [],
        })
      : new AIMessage("Done.");
    return { generations: [{ text: "", message }] };
  }
}

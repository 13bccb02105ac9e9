import { setTimeout as sleep } from "node:timers/promises";
import type { ToolDefinition } from "@langchain/core/language_models/base";
import {
  BaseChatModel,
  type BindToolsInput,
} from "@langchain/core/language_models/chat_models";
import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import type { ChatResult } from "@langchain/core/outputs";
import { convertToOpenAITool } from "@langchain/core/utils/function_calling";
import { promptOf, replyOf } from "../turns/chat-format.js";
import { countTokens } from "../turns/count-tokens.js";

/** A turn costs 800 ms and 12 ms a token; here all times are a sixteenth. */
const TURN_MS = 50;
const TOKEN_MS = 0.75;

/** A model that writes what a script says, and counts what it reads and writes. */
export class CountingModel extends BaseChatModel {
  inputTokens = 0;
  outputTokens = 0;
  turns = 0;
  readonly #script: readonly (readonly ToolCall[])[];
  readonly #answer: string;
  #tools: readonly ToolDefinition[] = [];

  constructor(script: readonly (readonly ToolCall[])[], answer: string) {
    super({});
    this.#script = script;
    this.#answer = answer;
  }

  override _llmType(): string {
    return "counting";
  }

  override bindTools(tools: BindToolsInput[]): this {
    this.#tools = tools.map(
      (tool): ToolDefinition => convertToOpenAITool(tool as never),
    );
    return this;
  }

  override async _generate(messages: BaseMessage[]): Promise<ChatResult> {
    const turn = this.turns;
    this.turns += 1;
    const calls = this.#script[turn]?.map((call, at) => ({
      ...call,
      id: `call_${turn}_${at}`,
    }));
    const message = new AIMessage(
      calls === undefined
        ? this.#answer
        : { content: "", tool_calls: [...calls] },
    );
    const written = countTokens(replyOf(message));
    this.inputTokens += countTokens(promptOf(messages, this.#tools));
    this.outputTokens += written;
    await sleep(TURN_MS + TOKEN_MS * written);
    return { generations: [{ message, text: message.text }] };
  }
}

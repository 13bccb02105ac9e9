import type { ToolDefinition } from "@langchain/core/language_models/base";
import {
  type AIMessage,
  type BaseMessage,
  isAIMessage,
} from "@langchain/core/messages";

/** The format's own tokens; all else is text. */
export const SPECIAL_TOKENS =
  /<\|im_start\|>|<\|im_end\|>|<\/?tool_call>|<\/?tool_response>/;

/** Of the roles of messages, those that the format knows. */
const ROLES: Record<string, string> = {
  system: "system",
  human: "user",
  ai: "assistant",
  tool: "user",
};

/**
 * All that a model reads before it writes its next message, as the chat template
 * of Qwen 3 has it (`tokenizer_config.json`): tools are listed in the system
 * message, and answers to the calls of one message share a turn of the user.
 *
 * @param messages the first of them the system's
 */
export function promptOf(
  messages: readonly BaseMessage[],
  tools: readonly ToolDefinition[],
): string {
  const turns: { role: string; texts: string[] }[] = [];
  messages.forEach((message, place) => {
    const type = message.getType();
    const role = ROLES[type]!;
    const text =
      place === 0
        ? `${message.text}\n\n${toolList(tools)}`
        : isAIMessage(message)
          ? replyText(message)
          : type === "tool"
            ? `<tool_response>\n${message.text}\n</tool_response>`
            : message.text;
    const goesOn = type === "tool" && messages[place - 1]?.getType() === type;
    if (goesOn) turns.at(-1)!.texts.push(text);
    else turns.push({ role, texts: [text] });
  });
  const written = turns.map(
    ({ role, texts }) => `<|im_start|>${role}\n${texts.join("\n")}<|im_end|>\n`,
  );
  return `${written.join("")}<|im_start|>assistant\n`;
}

/** What a model writes for a message, the end of its turn included. */
export function replyOf(message: AIMessage): string {
  return `${replyText(message)}<|im_end|>`;
}

function replyText({ text, tool_calls: calls = [] }: AIMessage): string {
  const written = calls.map(({ name, args }) => {
    const call = JSON.stringify({ name, arguments: args });
    return `<tool_call>\n${call}\n</tool_call>`;
  });
  return [...(text === "" ? [] : [text]), ...written].join("\n");
}

function toolList(tools: readonly ToolDefinition[]): string {
  return [
    "# Tools",
    "",
    "You may call one or more functions to assist with the user query.",
    "",
    "You are provided with function signatures within <tools></tools> XML tags:",
    "<tools>",
    ...tools.map((tool) => JSON.stringify(tool)),
    "</tools>",
    "",
    "For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:",
    "<tool_call>",
    '{"name": <function-name>, "arguments": <args-json-object>}',
    "</tool_call>",
  ].join("\n");
}

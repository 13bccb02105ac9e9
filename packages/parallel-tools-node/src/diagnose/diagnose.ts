import { ConfigurationError } from "../errors/configuration-error.js";
import type { DiagnoseOptions } from "./diagnose-options.js";
import { DiagnosisBuilder } from "./diagnosis-builder.js";
import type { Diagnosis } from "./diagnosis.js";
import { readConversation } from "./formats/read-conversation.js";
import { notAMessage } from "./formats/read-message.js";

/**
 * Finds calls in a recorded conversation that the model made in separate turns
 * although they needed nothing from each other.
 *
 * A call depends on an earlier one if a value of its arguments occurs first in
 * the earlier one's output, or if one of the two may write what the other
 * touches. A value that occurs nowhere before may follow from anything before,
 * so its call depends on all earlier ones. A tool counts as a writer unless the
 * options say otherwise.
 *
 * Where times are recorded, it also estimates what calls of one message would
 * have saved by an early start (`eager`): of tools that read, and that need no
 * other call of the message.
 *
 * @param messages the messages of one conversation, in any of the known formats:
 *   LangChain (also instances), OpenAI chat, items of OpenAI Responses,
 *   Anthropic; or a record that holds them
 * @throws UnreadableConversationError a value that is no message
 * @throws ConfigurationError an invalid option
 *
 * @example
 * ```ts
 * import { diagnose } from "parallel-tools-node/diagnose";
 *
 * const call = (id: string, city: string) => ({
 *   role: "assistant",
 *   content: null,
 *   tool_calls: [
 *     { id, type: "function", function: { name: "weather", arguments: `{"city":"${city}"}` } },
 *   ],
 * });
 *
 * const { turns, turnsNeeded } = diagnose(
 *   [
 *     { role: "user", content: "What is the weather in Oslo and in Rome?" },
 *     call("1", "Oslo"),
 *     { role: "tool", tool_call_id: "1", content: "12 degrees" },
 *     call("2", "Rome"),
 *     { role: "tool", tool_call_id: "2", content: "24 degrees" },
 *   ],
 *   { reads: ["weather"] },
 * );
 *
 * console.log(turns, turnsNeeded); // 2 1
 * ```
 */
export function diagnose(
  messages: readonly unknown[] | object,
  options: DiagnoseOptions = {},
): Diagnosis {
  if (typeof messages !== "object" || messages === null) {
    throw new ConfigurationError("messages", "a list of messages", messages);
  }
  const builder = new DiagnosisBuilder(options);
  const conversation = readConversation(messages, "");
  if (conversation === undefined) throw notAMessage("messages", messages);
  builder.add(conversation);
  return builder.build();
}

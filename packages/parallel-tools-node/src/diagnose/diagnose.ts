import { ConfigurationError } from "../errors/configuration-error.js";
import type { DiagnoseOptions } from "./diagnose-options.js";
import type { Diagnosis } from "./diagnosis.js";
import { readConversation } from "./formats/read-conversation.js";
import { notAMessage } from "./formats/read-message.js";
import { Tally } from "./tally.js";

/**
 * Finds false linear chains in a recorded conversation: calls that a model made
 * in separate turns though they needed nothing from each other.
 *
 * A call depends on an earlier one when a value of its arguments was first seen
 * in that one's output and nowhere before, or when one of the two may write what
 * the other touches. A value that was seen nowhere at all may follow from
 * anything that came before, so its call depends on all of that. A tool of which
 * nothing is said counts as a writer.
 *
 * @param messages the messages of one conversation, in any of the known formats:
 *   LangChain (also the messages themselves), OpenAI chat, items of OpenAI
 *   Responses, Anthropic; or a record that holds them
 * @throws UnreadableConversationError what is no message
 * @throws ConfigurationError an option that is not what it has to be
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
  const tally = new Tally(options);
  const conversation = readConversation(messages, "");
  if (conversation === undefined) throw notAMessage("messages", messages);
  tally.add(conversation);
  return tally.result();
}

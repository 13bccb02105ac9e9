import { describeValue } from "../../errors/describe-value.js";
import { UnreadableConversationError } from "../../errors/unreadable-conversation-error.js";

const ADVICE =
  "Known are messages of LangChain, OpenAI (chat and Responses) and Anthropic, runs of LangSmith and tau-bench's conversations.";

/** The error for what stands where a message or a conversation is due. */
export function noMessage(place: string, value: unknown) {
  return new UnreadableConversationError(
    place,
    `expected a message or a conversation, got ${describeValue(value)}`,
    ADVICE,
  );
}

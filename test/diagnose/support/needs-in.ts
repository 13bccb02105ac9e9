import { AccessBook } from "@/diagnose/evidence/access-book.js";
import type { DiagnoseOptions } from "@/diagnose/diagnose-options.js";
import { analyzeConversation } from "@/diagnose/analyze-conversation.js";
import { readConversation } from "@/diagnose/formats/read-conversation.js";

/**
 * What each call of a conversation's last stretch needed, in the order of the
 * calls: the index of the earlier call and the reason, e.g. `1 output`.
 */
export function needsIn(
  messages: readonly unknown[],
  options: DiagnoseOptions,
): string[][] {
  const conversation = readConversation(messages, "");
  if (conversation === undefined) throw new Error("Expected messages");
  const stretches = analyzeConversation(
    conversation,
    new AccessBook(options),
    false,
  );
  return (stretches.at(-1)?.calls ?? []).map(({ needs }) =>
    needs.map(({ index, reason }) => `${index} ${reason}`),
  );
}

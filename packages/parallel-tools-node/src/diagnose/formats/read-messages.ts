import { noMessage } from "./no-message.js";
import { readMessage } from "./read-message.js";
import type { RecordedMessage } from "../recorded-conversation.js";

/** Reads a list that has to hold messages and nothing else. */
export function readMessages(
  list: readonly unknown[],
  place: string,
): RecordedMessage[] {
  return list.flatMap((value, index) => {
    const message = readMessage(value);
    if (message === undefined) {
      const prefix = place === "" ? "" : `${place}, `;
      throw noMessage(`${prefix}message ${index}`, value);
    }
    return message === "nothing" ? [] : message;
  });
}

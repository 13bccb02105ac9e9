import { ownField, ownList, ownText } from "../own-field.js";
import type { RecordedConversation } from "../recorded-conversation.js";
import { readMessages } from "./read-message.js";
import { readTime } from "./read-time.js";

/** Checkpoints of a thread that are read, from the last one back. */
const MAX_CHECKPOINTS = 10_000;

/**
 * Reads the messages of all checkpoints that led to a thread's last one.
 *
 * @param history checkpoints, the last one first
 * @param messagesKey the key of the state that holds the messages
 * @returns `undefined` if there is no checkpoint
 * @throws UnreadableConversationError the state holds a value that is no message
 */
export async function readThread(
  history: AsyncIterable<unknown>,
  messagesKey: string,
): Promise<RecordedConversation | undefined> {
  const states = await branchOf(history);
  if (states.length === 0) return undefined;
  const seen = new Map<
    string,
    { readonly value: unknown; readonly atMs: number | undefined }
  >();
  for (const state of states) {
    const createdMs = readTime(ownField(state, "createdAt"));
    const list = ownList(ownField(state, "values"), messagesKey) ?? [];
    for (const [place, value] of list.entries()) {
      const key = ownText(value, "id") ?? `at ${place}`;
      const first = seen.get(key);
      // A message keeps its first place and time, and gets its last content.
      const atMs = first === undefined ? createdMs : first.atMs;
      seen.set(key, { value, atMs });
    }
  }
  const messages = [...seen.values()].flatMap(({ value, atMs }) =>
    readMessages([value], "").map((message) => ({
      ...message,
      atMs: message.atMs ?? atMs,
    })),
  );
  return { messages };
}

/** The checkpoints that led to the last one, the first one first. */
async function branchOf(history: AsyncIterable<unknown>): Promise<unknown[]> {
  const branch: unknown[] = [];
  let wanted: string | undefined;
  for await (const state of history) {
    if (branch.length > 0 && idOf(state, "config") !== wanted) continue;
    branch.push(state);
    wanted = idOf(state, "parentConfig");
    if (wanted === undefined || branch.length >= MAX_CHECKPOINTS) break;
  }
  return branch.reverse();
}

function idOf(state: unknown, config: string): string | undefined {
  const configurable = ownField(ownField(state, config), "configurable");
  return ownText(configurable, "checkpoint_id");
}

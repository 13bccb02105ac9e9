import { type BaseMessage, isBaseMessage } from "@langchain/core/messages";

const UUID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g;
/** Ids of interrupts. */
const HASH = /\b[\da-f]{32}\b/g;
const TIME = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;
/** Fields that hold a time as a number. */
const TIMES = new Set(["nodeFirstAttemptTime", "timestamp"]);

/**
 * What a host gave, as two runs share it when they did the same. Ids are
 * numbered in the order in which they appear, so that equal ids stay equal.
 */
export function normalised(value: unknown): unknown {
  const text = JSON.stringify(plain(value, [])) ?? "null";
  const numbers = new Map<string, number>();
  const number = (id: string) => {
    if (!numbers.has(id)) numbers.set(id, numbers.size + 1);
    return `ID-${numbers.get(id)}`;
  };
  return JSON.parse(
    text
      .replaceAll(TIME, "TIME")
      .replaceAll(new RegExp(`${UUID.source}|${HASH.source}`, "g"), number),
  );
}

/** LangGraph's own things in a config, such as the checkpointer. */
const PRIVATE = /^__pregel_/;

/** Data, with sorted keys: ids are then met in the same order. */
function plain(value: unknown, within: readonly object[]): unknown {
  if (typeof value === "function") return "(function)";
  if (typeof value === "symbol" || typeof value === "bigint") {
    return String(value);
  }
  if (typeof value !== "object" || value === null) return value;
  if (within.includes(value)) return "(circular)";
  const path = [...within, value];
  if (isBaseMessage(value)) return plain(dataOf(value), path);
  if (Array.isArray(value)) return value.map((item) => plain(item, path));
  if (value instanceof Error) {
    return { error: `${value.name}: ${value.message}` };
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, field]) => !PRIVATE.test(key) || isPlain(field))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, field]) => [
        key,
        TIMES.has(key) && typeof field === "number"
          ? "TIME"
          : plain(field, path),
      ]),
  );
}

function isPlain(value: unknown): boolean {
  return typeof value === "string" || Array.isArray(value);
}

function dataOf(message: BaseMessage): object {
  return message.toDict();
}

import { type BaseMessage, isBaseMessage } from "@langchain/core/messages";

/** A plain copy that two runs share when they did the same: no message ids. */
export function withoutIds(value: unknown): unknown {
  if (isBaseMessage(value)) return plainMessage(value);
  if (Array.isArray(value)) return value.map(withoutIds);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, withoutIds(field)]),
  );
}

function plainMessage(message: BaseMessage): unknown {
  const { type, data } = message.toDict();
  const { id: _, ...fields } = data as unknown as Record<string, unknown>;
  return { type, ...fields };
}

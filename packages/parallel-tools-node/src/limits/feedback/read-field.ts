import { attempt } from "./attempt.js";

/** A field of anything, read once. One that throws counts as absent. */
export function readField(source: unknown, key: PropertyKey): unknown {
  if (typeof source !== "object" || source === null) return undefined;
  return attempt(() => (source as Record<PropertyKey, unknown>)[key]);
}

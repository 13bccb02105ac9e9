import type { Leaf } from "./leaves.js";
import { normalize } from "./normalize.js";
import { numberToken } from "./number-token.js";

/** The token by which a leaf is compared. */
export function leafToken(value: Leaf["value"]): string {
  if (typeof value === "number") return numberToken(value);
  if (typeof value !== "string") return String(value);
  const text = normalize(value.slice(0, 100)).trim();
  return /^\d+$/.test(text) ? numberToken(Number(text)) : text;
}

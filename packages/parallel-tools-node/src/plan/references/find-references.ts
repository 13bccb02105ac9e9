import { type NearMiss, nearMissAt, nearMissOf } from "./near-miss.js";
import { parseReference, readReference, type Reference } from "./reference.js";

/**
 * Where a value is in the arguments. A place points to the one around it: with a
 * list of keys for each place, arguments that are nested deeply and hold a
 * reference at every depth would take quadratic space.
 */
export interface Place {
  readonly value: unknown;
  readonly key: string | number;
  /** The object or array around it; `undefined` for the arguments themselves. */
  readonly parent: Place | undefined;
}

/** A string in the arguments that holds references. */
export interface FoundReferences {
  readonly at: Place;
  /** The whole string. */
  readonly text: string;
  /**
   * The one reference that the whole string is, or the text in pieces: strings
   * stay, and the values of references are put in as text.
   */
  readonly pieces: readonly (string | Reference)[];
  /** The string is one reference, so the value takes the string's place. */
  readonly isWhole: boolean;
  /** What looks like a reference in it and can't be read; part of a piece. */
  readonly nearMisses: readonly NearMiss[];
}

type Pieces = Pick<FoundReferences, "pieces" | "isWhole" | "nearMisses">;

/**
 * Finds the references in a call's arguments, in nested objects and arrays, but
 * not in keys. Only plain data is walked, at any depth, each object once.
 *
 * @param isEmbedded whether `${N}` is a reference within a longer text, too
 */
export function findReferences(
  args: unknown,
  isEmbedded: boolean,
): FoundReferences[] {
  const found: FoundReferences[] = [];
  const seen = new Set<object>();
  const pending: Place[] = [{ value: args, key: "", parent: undefined }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { value } = next;
    if (typeof value === "string") {
      const pieces = piecesOf(value, isEmbedded);
      if (pieces !== undefined) {
        found.push({ at: next, text: value, ...pieces });
      }
    } else if (isPlainData(value) && !seen.has(value)) {
      seen.add(value);
      const entries = Array.isArray(value)
        ? [...value.entries()]
        : Object.entries(value);
      for (const [key, inner] of entries.reverse()) {
        if (typeof inner === "string" || typeof inner === "object") {
          pending.push({ value: inner, key, parent: next });
        }
      }
    }
  }
  return found;
}

function piecesOf(text: string, isEmbedded: boolean): Pieces | undefined {
  if (!text.includes("$")) return undefined;
  const whole = parseReference(text);
  // Where texts may hold references, the space around one belongs to the text.
  const isInSpace = isEmbedded && whole?.text.length !== text.length;
  if (whole !== undefined && !(isInSpace && whole.text[1] === "{")) {
    return { pieces: [whole], isWhole: true, nearMisses: [] };
  }
  const within = isEmbedded ? embeddedIn(text) : undefined;
  if (within !== undefined) return within;
  const nearMiss = nearMissOf(text);
  return nearMiss && { pieces: [text], isWhole: false, nearMisses: [nearMiss] };
}

/** Where a reference in a text begins, or what looks like one. */
const BEGINNING = /\$\{|\{\{\s*\$/g;

/** `$${1}` stands for the text `${1}`. Any other `$${` stays as it is. */
function embeddedIn(text: string): Pieces | undefined {
  const pieces: (string | Reference)[] = [];
  const nearMisses: NearMiss[] = [];
  let from = 0;
  for (const { 0: beginning, index: at } of text.matchAll(BEGINNING)) {
    if (at < from) continue;
    const isEscaped = at > from && text[at - 1] === "$";
    const reference = beginning === "${" ? readReference(text, at) : undefined;
    if (reference === undefined) {
      const nearMiss = isEscaped ? undefined : nearMissAt(text, at);
      if (nearMiss !== undefined) nearMisses.push(nearMiss);
      continue;
    }
    const end = at + reference.text.length;
    if (isEscaped) pieces.push(text.slice(from, at - 1), text.slice(at, end));
    else pieces.push(text.slice(from, at), reference);
    from = end;
  }
  if (pieces.length === 0 && nearMisses.length === 0) return undefined;
  return { pieces: [...pieces, text.slice(from)], isWhole: false, nearMisses };
}

function isPlainData(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

import type { StretchCall } from "../outline.js";
import { areRelated, wordsOfField } from "./field-names.js";
import { leafToken } from "./leaf-token.js";
import { leavesOf } from "./leaves.js";
import { numberToken } from "./number-token.js";

/** What an output holds. */
interface Held {
  /** By value: the words of the fields that it stands in. */
  readonly fields: ReadonlyMap<string, readonly (readonly string[])[]>;
  /** How many values there are. */
  readonly size: number;
}

/** An output of so many values is an answer, and no table that holds it by chance. */
const FEW = 2;

const known = new WeakMap<StretchCall, Held>();

/**
 * Whether a call's output holds a value in a field that is called like an
 * argument; of a text that is no JSON: next to such a word. For values that are
 * found anywhere by chance.
 *
 * @param words those of the argument's name
 */
export function holdsField(
  call: StretchCall,
  words: readonly string[],
  token: string,
): boolean {
  const fields = heldBy(call).fields.get(token) ?? [];
  return fields.some((others) => areRelated(words, others));
}

/** Whether a call's output is little more than a value, whatever it is called. */
export function isAnswer(call: StretchCall, token: string): boolean {
  const { fields, size } = heldBy(call);
  return size <= FEW && fields.has(token);
}

function heldBy(call: StretchCall): Held {
  const cached = known.get(call);
  if (cached !== undefined) return cached;
  let size = 0;
  const fields = new Map<string, (readonly string[])[]>();
  const add = (token: string, words: readonly string[]) => {
    size += 1;
    const others = fields.get(token);
    if (others === undefined) fields.set(token, [words]);
    else if (others.length < 20) others.push(words);
  };
  const text = call.answer?.text ?? "";
  const data = parse(text);
  if (data === undefined) {
    // "user 7", "id: 7", "#7": the words just before.
    for (const [, before, number] of text.matchAll(
      /(?:(\p{L}[\p{L}_]{0,40})\W{1,4})?(?<![\d.,])(\d{1,3})(?![\d.,]\d|\d)/gu,
    )) {
      add(numberToken(Number(number)), wordsOfField(before ?? "id"));
    }
  } else {
    for (const { key, value } of leavesOf(data)) {
      add(leafToken(value), wordsOfField(key === "" ? "id" : key));
    }
  }
  const held = { fields, size };
  known.set(call, held);
  return held;
}

function parse(text: string): unknown {
  if (!/^\s*[[{\d"]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

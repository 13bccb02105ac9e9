import type { StretchCall } from "../stretch.js";
import { areRelated, wordsOfField } from "./field-names.js";
import { leavesOf } from "./leaves.js";
import { leafToken, numberToken } from "./tokens.js";

interface OutputFields {
  /** By token of a value: the words of each field that holds it. */
  readonly fields: ReadonlyMap<string, readonly (readonly string[])[]>;
  /** Values of the output. */
  readonly size: number;
}

/** A longer output is a table that may hold a value by chance. */
const MAX_ANSWER_SIZE = 2;
/** Fields that are kept of one value. */
const MAX_FIELDS = 20;

const cache = new WeakMap<StretchCall, OutputFields>();

/**
 * Whether a call's output holds a value in a field with a name like the
 * argument's, or, in a text that is no JSON, next to such a word. For values
 * that many outputs hold by chance.
 *
 * @param words those of the argument's name
 */
export function holdsField(
  call: StretchCall,
  words: readonly string[],
  token: string,
): boolean {
  const fields = outputFieldsOf(call).fields.get(token) ?? [];
  return fields.some((others) => areRelated(words, others));
}

/** Whether a call's output is hardly more than a value, in any field. */
export function isAnswer(call: StretchCall, token: string): boolean {
  const { fields, size } = outputFieldsOf(call);
  return size <= MAX_ANSWER_SIZE && fields.has(token);
}

function outputFieldsOf(call: StretchCall): OutputFields {
  const cached = cache.get(call);
  if (cached !== undefined) return cached;
  let size = 0;
  const fields = new Map<string, (readonly string[])[]>();
  const add = (token: string, words: readonly string[]) => {
    size += 1;
    const others = fields.get(token);
    if (others === undefined) fields.set(token, [words]);
    else if (others.length < MAX_FIELDS) others.push(words);
  };
  const text = call.answer?.text ?? "";
  const data = parse(text);
  if (data === undefined) {
    // "user 7", "id: 7", "#7": the word before a number names its field.
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
  const outputFields = { fields, size };
  cache.set(call, outputFields);
  return outputFields;
}

function parse(text: string): unknown {
  if (!/^\s*[[{\d"]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

import { Tiktoken } from "js-tiktoken/lite";
import o200kBase from "js-tiktoken/ranks/o200k_base";
import { SPECIAL_TOKENS } from "./chat-format.js";

const encoding = new Tiktoken(o200kBase);

/** Nothing merges across a special token: prompts that grow are mostly known. */
const known = new Map<string, number>();

/** Tokens of a text as OpenAI's o200k_base counts them; a special token is one. */
export function countTokens(text: string): number {
  let count = -1;
  for (const segment of text.split(SPECIAL_TOKENS)) {
    let tokens = known.get(segment);
    if (tokens === undefined) {
      tokens = encoding.encode(segment).length;
      known.set(segment, tokens);
    }
    count += 1 + tokens;
  }
  return count;
}

import type { StretchCall } from "./outline.js";
import { leavesOf } from "./values/leaves.js";

const LOOKED_AT = 200;
const FAILURE =
  /^\W{0,3}(?:\w{0,40}error|exception|traceback|failed|failure)\b(?!"?\s{0,9}:\s{0,9}(?:null|false|""))/i;
const EMPTY =
  /^(?:null|none|nothing|no (?:\w+ ){0,3}(?:found|results?|matches|data)\b.*|not found\b.*)?[.!]?$/i;

/** Whether a call has failed, or its answer begins as errors do. */
export function looksFailed({ answer }: StretchCall): boolean {
  if (answer === undefined) return false;
  return answer.hasFailed || FAILURE.test(answer.text.slice(0, LOOKED_AT));
}

/** Whether a call has found nothing: no text, or data that holds none. */
export function looksEmpty({ answer }: StretchCall): boolean {
  if (answer === undefined || answer.text.length > LOOKED_AT) return false;
  const text = answer.text.trim();
  if (!/^[[{]/.test(text)) return EMPTY.test(text);
  try {
    return leavesOf(JSON.parse(text)).every(({ value }) => !value);
  } catch {
    return false;
  }
}

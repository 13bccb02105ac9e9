import type { FoundCall } from "../finding.js";
import type { StretchCall } from "./stretch.js";
import { leavesOf } from "./values/leaves.js";

/** A call whose end the model may have waited for, and what it may have checked. */
export interface Look {
  readonly index: number;
  readonly at: NonNullable<FoundCall["mayHaveLooked"]>;
}

/** Characters of an answer that are read. */
const MAX_TEXT = 200;
const FAILURE =
  /^\W{0,3}(?:\w{0,40}error|exception|traceback|failed|failure|not run)\b(?!"?\s{0,9}:\s{0,9}(?:null|false|""))/i;
const EMPTY =
  /^(?:null|none|nothing|no (?:\w+ ){0,3}(?:found|results?|matches|data)\b.*|not found\b.*)?[.!]?$/i;

/**
 * Whether the model may have waited for an earlier call to see how it ended.
 *
 * @param before the calls of the turn before
 */
export function mayHaveLooked(
  call: StretchCall,
  before: readonly StretchCall[],
): Look | undefined {
  const checks: [Look["at"], (one: StretchCall) => boolean][] = [
    ["failure", looksFailed],
    ["nothing-found", looksEmpty],
    ["next-in-line", (one) => isNextInLine(one, call)],
  ];
  for (const [at, check] of checks) {
    const found = before.find(check);
    if (found !== undefined) return { index: found.index, at };
  }
  return undefined;
}

/** Whether a call failed, or its answer begins as errors do. */
export function looksFailed({ answer }: StretchCall): boolean {
  if (answer === undefined) return false;
  return answer.hasFailed || FAILURE.test(answer.text.slice(0, MAX_TEXT));
}

/** Whether a call found nothing: its answer is empty, or data without values. */
function looksEmpty({ answer }: StretchCall): boolean {
  if (answer === undefined || answer.text.length > MAX_TEXT) return false;
  const text = answer.text.trim();
  if (!/^[[{]/.test(text)) return EMPTY.test(text);
  try {
    return leavesOf(JSON.parse(text)).every(({ value }) => !value);
  } catch {
    return false;
  }
}

/**
 * Whether a call differs from an earlier one only in a number that has grown,
 * such as the number of a page. A model asks for the next page only if there is
 * one.
 */
function isNextInLine(earlier: StretchCall, call: StretchCall): boolean {
  if (earlier.name !== call.name) return false;
  const before = leavesOf(earlier.args);
  const leaves = leavesOf(call.args);
  if (before.length !== leaves.length) return false;
  const changed = leaves.flatMap((leaf, place) => {
    const other = before[place];
    const isSame = leaf.path === other?.path && leaf.value === other.value;
    return isSame ? [] : [[leaf, other] as const];
  });
  const [[leaf, other] = []] = changed;
  return (
    changed.length === 1 &&
    leaf?.path === other?.path &&
    typeof leaf?.value === "number" &&
    typeof other?.value === "number" &&
    leaf.value > other.value
  );
}

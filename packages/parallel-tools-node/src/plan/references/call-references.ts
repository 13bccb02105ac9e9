import {
  pointsIntoUnknownOrder,
  pointsOutside,
  pointsPastUnreadable,
  pointsToItself,
  pointsToLater,
  type ReferenceProblem,
} from "../../answers/unresolved-reference.js";
import { UnresolvedReferenceError } from "../../errors/unresolved-reference-error.js";
import { type FoundReferences, findReferences } from "./find-references.js";
import type { Reference } from "./reference.js";

/** How references are read. */
export interface ReferenceRules {
  /** `${N}` is a reference within a longer text, too. */
  readonly embedded: boolean;
  /** The most bytes that all references of one call may put in, as JSON. */
  readonly maxReferenceBytes: number;
}

/** What a call's arguments refer to. */
export interface CallReferences {
  readonly found: readonly FoundReferences[];
  /** The indexes of the calls that they point to, each with its first reference. */
  readonly targets: ReadonlyMap<number, string>;
  /** Set if one of them can never have a value. */
  readonly problem: UnresolvedReferenceError | undefined;
}

/** What is asked of a call that others may refer to. */
export interface ReferableCall {
  readonly name: string;
  /** It was taken out of the message, so it has no output. */
  readonly isRemoved?: boolean;
}

/** How many calls an error lists. */
const MAX_LISTED = 10;

/** The longest name that a provider takes for a tool. A model may write more. */
const MAX_NAME_LENGTH = 128;

/** Of most calls. */
export const NO_REFERENCES: CallReferences = Object.freeze({
  found: [],
  targets: new Map(),
  problem: undefined,
});

/**
 * Reads the references of the call at `index`. A bare `$5` in a message without
 * a call 5 is no reference but an amount.
 *
 * @param message all tool calls of the message, also those that are answered
 * @param unreadable how many more calls it had that could not be read. Their
 *   places are unknown, so with one of them no reference has a value
 * @param isOrderKnown the calls stand in the order in which the model wrote them.
 *   Otherwise no reference has a value
 */
export function referencesOf(
  args: unknown,
  index: number,
  message: readonly ReferableCall[],
  { embedded }: ReferenceRules,
  unreadable = 0,
  isOrderKnown = true,
): CallReferences {
  const isAmount = ({ isBare, ordinal }: Reference) =>
    isBare && (ordinal < 1 || ordinal > message.length + unreadable);
  const found = findReferences(args, embedded).filter(
    ({ pieces, isWhole }) => !(isWhole && isAmount(pieces[0] as Reference)),
  );
  if (found.length === 0) return NO_REFERENCES;
  const targets = new Map<number, string>();
  const uncountable = isOrderKnown
    ? unreadable > 0 && pointsPastUnreadable()
    : pointsIntoUnknownOrder();
  let problem: UnresolvedReferenceError | undefined;
  for (const { pieces } of found) {
    for (const piece of pieces) {
      if (typeof piece === "string") continue;
      const target = piece.ordinal - 1;
      if (uncountable) {
        problem ??= uncounted(piece, uncountable);
      } else if (target >= 0 && target < index) {
        if (!targets.has(target)) targets.set(target, piece.text);
      } else {
        problem ??= misplaced(piece, index, message);
      }
    }
  }
  return { found, targets, problem };
}

function misplaced(
  { text, ordinal }: Reference,
  index: number,
  message: readonly ReferableCall[],
): UnresolvedReferenceError {
  const { problem } =
    ordinal - 1 === index
      ? pointsToItself()
      : ordinal > message.length || ordinal < 1
        ? pointsOutside(ordinal, message.length)
        : pointsToLater(ordinal, index + 1);
  return new UnresolvedReferenceError(text, problem, validFor(index, message));
}

function uncounted(
  { text }: Reference,
  { problem, advice }: ReferenceProblem,
): UnresolvedReferenceError {
  return new UnresolvedReferenceError(text, problem, [], advice);
}

/**
 * The calls that the one at `index` may refer to.
 *
 * @param except the index of a call that has turned out to have no output
 */
export function validFor(
  index: number,
  message: readonly ReferableCall[],
  except?: number,
): string[] {
  const valid: string[] = [];
  for (let earlier = 0; earlier < index; earlier += 1) {
    const { name, isRemoved } = message[earlier] as ReferableCall;
    if (isRemoved || earlier === except) continue;
    if (valid.length === MAX_LISTED) return [...valid, "..."];
    valid.push(`$${earlier + 1} (${shorten(name)})`);
  }
  return valid;
}

function shorten(name: string): string {
  return name.length > MAX_NAME_LENGTH
    ? `${name.slice(0, MAX_NAME_LENGTH)}...`
    : name;
}

import {
  isNearlyReference,
  pointsIntoUnknownOrder,
  pointsOutside,
  pointsPastUnreadable,
  pointsToItself,
  pointsToLater,
  type ReferenceProblem,
} from "../../answers/unresolved-reference.js";
import { UnresolvedReferenceError } from "../../errors/unresolved-reference-error.js";
import { type FoundReferences, findReferences } from "./find-references.js";
import type { NearMiss } from "./near-miss.js";
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

/** What is known of a message beside its calls. */
export interface MessageKnowledge {
  /**
   * How many more calls it had that could not be read. Their places are unknown,
   * so with one of them no reference has a value.
   *
   * @default 0
   */
  readonly unreadable?: number;
  /**
   * The calls stand in the order in which the model wrote them. Otherwise no
   * reference has a value.
   *
   * @default true
   */
  readonly isOrderKnown?: boolean;
  /**
   * Whether a call has an output, or may still get one.
   *
   * @default all of them
   */
  readonly mayHaveOutput?: (index: number) => boolean;
}

/** How many calls an error lists. */
const MAX_LISTED = 10;

/** The longest name that a provider takes for a tool. A model may write more. */
const MAX_SHOWN = 128;

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
 */
export function referencesOf(
  args: unknown,
  index: number,
  message: readonly ReferableCall[],
  { embedded }: ReferenceRules,
  knowledge: MessageKnowledge = {},
): CallReferences {
  const { unreadable = 0, isOrderKnown = true, mayHaveOutput } = knowledge;
  const isAmount = ({ isBare, ordinal }: Reference) =>
    isBare && (ordinal < 1 || ordinal > message.length + unreadable);
  const counts = ({ isPath, ordinal }: NearMiss) => isPath || ordinal <= index;
  const found = findReferences(args, embedded).filter(
    ({ pieces, isWhole, nearMisses }) =>
      isWhole
        ? !isAmount(pieces[0] as Reference)
        : pieces.length > 1 || nearMisses.some(counts),
  );
  if (found.length === 0) return NO_REFERENCES;
  const targets = new Map<number, string>();
  const uncountable = isOrderKnown
    ? unreadable > 0 && pointsPastUnreadable()
    : pointsIntoUnknownOrder();
  let problem: UnresolvedReferenceError | undefined;
  for (const { pieces, nearMisses } of found) {
    const nearMiss = nearMisses.find(counts);
    if (nearMiss !== undefined) problem ??= nearly(nearMiss);
    for (const piece of pieces) {
      if (typeof piece === "string") continue;
      const target = piece.ordinal - 1;
      if (uncountable) {
        problem ??= uncounted(piece, uncountable);
      } else if (target >= 0 && target < index) {
        if (!targets.has(target)) targets.set(target, piece.text);
      } else {
        const valid = validFor(index, message, mayHaveOutput);
        problem ??= misplaced(piece, index, message.length, valid);
      }
    }
  }
  return { found, targets, problem };
}

function misplaced(
  { text, ordinal }: Reference,
  index: number,
  size: number,
  valid: readonly string[],
): UnresolvedReferenceError {
  const { problem } =
    ordinal - 1 === index
      ? pointsToItself()
      : ordinal > size || ordinal < 1
        ? pointsOutside(ordinal, size)
        : pointsToLater(ordinal, index + 1);
  return new UnresolvedReferenceError(text, problem, valid);
}

function nearly({ text, rightForm }: NearMiss): UnresolvedReferenceError {
  const { problem, advice } = isNearlyReference(rightForm);
  return new UnresolvedReferenceError(shorten(text), problem, [], advice);
}

function uncounted(
  { text }: Reference,
  { problem, advice }: ReferenceProblem,
): UnresolvedReferenceError {
  return new UnresolvedReferenceError(text, problem, [], advice);
}

/** The calls that the one at `index` may refer to. */
export function validFor(
  index: number,
  message: readonly ReferableCall[],
  mayHaveOutput: (index: number) => boolean = () => true,
): string[] {
  const valid: string[] = [];
  for (let earlier = 0; earlier < index; earlier += 1) {
    const { name, isRemoved } = message[earlier] as ReferableCall;
    if (isRemoved || !mayHaveOutput(earlier)) continue;
    if (valid.length === MAX_LISTED) return [...valid, "..."];
    valid.push(`$${earlier + 1} (${shorten(name)})`);
  }
  return valid;
}

function shorten(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text;
}

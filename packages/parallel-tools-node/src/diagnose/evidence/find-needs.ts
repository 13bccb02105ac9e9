import { identityOf } from "../../plan/identity-of.js";
import type { Need } from "../finding.js";
import type { AccessBook, CallAccess } from "./access-book.js";
import type { Explanation } from "./explain-call.js";
import { findConflict } from "./find-conflict.js";
import { type Look, looksFailed, mayHaveLooked } from "./may-have-looked.js";
import type { Stretch, StretchCall } from "./stretch.js";

/** A call of a stretch and what it needed. */
export interface AnalyzedCall {
  readonly call: StretchCall;
  readonly access: CallAccess;
  readonly explanation: Explanation;
  readonly needs: readonly Need[];
  readonly looked: Look | undefined;
}

/**
 * Finds what each call of a stretch needed of calls in earlier turns. Calls of
 * one turn were asked for together, so they can't need each other.
 */
export function findNeeds(
  { calls, turns }: Stretch,
  explanations: readonly Explanation[],
  book: AccessBook,
): AnalyzedCall[] {
  const accesses = calls.map((call) => book.of(call));
  const identities = calls.map(({ name, args }) => identityOf(name, args));
  const retries = retriesOf(calls);
  const predecessors = new Predecessors(calls.length);
  return calls.map((call, index) => {
    const explanation = explanations[index] as Explanation;
    const needs: Need[] = [];
    const add = (need: Need) => {
      needs.push(need);
      predecessors.add(index, need.index);
    };
    for (const [earlier, paths] of explanation.outputs) {
      if (earlier.turn >= call.turn) continue;
      add({
        index: earlier.index,
        reason: "output",
        detail: `its output showed ${listPaths(paths)} first`,
        arguments: [...paths],
      });
    }
    // From the last call to the first, so that implied needs can be left out.
    for (let place = index - 1; place >= 0; place -= 1) {
      const earlier = calls[place] as StretchCall;
      if (earlier.turn === call.turn || predecessors.has(index, place)) {
        continue;
      }
      const need =
        repeats(earlier, call, identities) ??
        rewords(earlier, call, explanations) ??
        unexplained(earlier, explanation) ??
        conflict(earlier, call, accesses, book) ??
        triesAgain(earlier, call, retries);
      if (need !== undefined) add(need);
    }
    needs.sort((one, other) => one.index - other.index);
    const access = accesses[index] as CallAccess;
    const before = turns[call.turn - 1]?.calls ?? [];
    const looked = mayHaveLooked(
      call,
      before.filter((one) => !predecessors.has(index, one.index)),
    );
    return { call, access, explanation, needs, looked };
  });
}

/** Which calls each call comes after, directly or indirectly: one bit each. */
class Predecessors {
  readonly #bits: Uint32Array[];

  constructor(size: number) {
    const words = Math.ceil(size / 32);
    this.#bits = Array.from({ length: size }, () => new Uint32Array(words));
  }

  add(index: number, earlier: number): void {
    const own = this.#bits[index] as Uint32Array;
    for (const [word, bits] of (this.#bits[earlier] as Uint32Array).entries()) {
      own[word]! |= bits;
    }
    own[earlier >>> 5]! |= 1 << (earlier & 31);
  }

  has(index: number, earlier: number): boolean {
    const word = (this.#bits[index] as Uint32Array)[earlier >>> 5] as number;
    return (word & (1 << (earlier & 31))) !== 0;
  }
}

function unexplained(
  { index, turn }: StretchCall,
  explanation: Explanation,
): Need | undefined {
  const since = explanation.unexplained;
  if (since === undefined || turn >= since.turn) return undefined;
  return {
    index,
    reason: "unexplained",
    detail: `nothing before it shows where ${listPaths(since.paths)} comes from`,
    arguments: [...since.paths],
  };
}

function repeats(
  { index }: StretchCall,
  call: StretchCall,
  identities: readonly (string | undefined)[],
): Need | undefined {
  const identity = identities[call.index];
  if (identity === undefined || identity !== identities[index])
    return undefined;
  return { index, reason: "repeat", detail: "it is the same call again" };
}

/** A question in other words follows from the answer to the first one. */
function rewords(
  earlier: StretchCall,
  call: StretchCall,
  explanations: readonly Explanation[],
): Need | undefined {
  const asked = explanations[call.index]?.asked;
  const before = explanations[earlier.index]?.asked;
  if (asked === undefined || before === undefined) return undefined;
  if (earlier.name !== call.name || asked.size > before.size) return undefined;
  for (const token of asked) if (!before.has(token)) return undefined;
  return {
    index: earlier.index,
    reason: "repeat",
    detail: "it asks the same in other words",
  };
}

function conflict(
  earlier: StretchCall,
  call: StretchCall,
  accesses: readonly CallAccess[],
  book: AccessBook,
): Need | undefined {
  const { index } = earlier;
  const one = accesses[index] as CallAccess;
  const other = accesses[call.index] as CallAccess;
  const found = findConflict(one, other);
  if (found === undefined) {
    if (!book.isOrdered(earlier, call)) return undefined;
    return { index, reason: "order", detail: "a policy puts it after that" };
  }
  const keyWords = (key: string) =>
    book.mayName(earlier, call) ? `\`${key}\`` : "the same state";
  const writer = one === found ? earlier.name : call.name;
  const detail =
    found === "unknown"
      ? `nothing is said of \`${writer}\`, so it may write`
      : found === "writes"
        ? `\`${writer}\` writes`
        : `both touch ${keyWords(found.key)}, and one writes it`;
  return { index, reason: "conflict", detail };
}

/** By failed call: the turn in which its tool was called next. */
function retriesOf(calls: readonly StretchCall[]): Map<StretchCall, number> {
  const retries = new Map<StretchCall, number>();
  const turnsOf = new Map<string, { turn: number; next: number | undefined }>();
  for (const call of calls.toReversed()) {
    const { name, turn } = call;
    const later = turnsOf.get(name);
    const next = later?.turn === turn ? later.next : later?.turn;
    turnsOf.set(name, { turn, next });
    if (next !== undefined && looksFailed(call)) retries.set(call, next);
  }
  return retries;
}

/** The next call of a tool that failed was written after reading the error. */
function triesAgain(
  earlier: StretchCall,
  { name, turn }: StretchCall,
  retries: ReadonlyMap<StretchCall, number>,
): Need | undefined {
  if (earlier.name !== name || retries.get(earlier) !== turn) return undefined;
  return { index: earlier.index, reason: "failure", detail: "it had failed" };
}

function listPaths(paths: ReadonlySet<string>): string {
  const all = [...paths].map((path) =>
    path === "" ? "the argument" : `\`${path}\``,
  );
  return all.length > 3
    ? `${all.slice(0, 3).join(", ")} and ${all.length - 3} more`
    : all.join(", ");
}

import {
  failureText,
  outputText,
  questionOf,
  referenceText,
  substituteText,
} from "../texts.js";
import {
  type CallDraw,
  isNo,
  isSubstituted,
  leaderOf,
  toolOf,
  type Turn,
} from "../world.js";
import { attemptsAllowed } from "./attempts-allowed.js";
import { orderOf } from "./order-of.js";

/** How a call ends, or where it stands, once the human has said so much. */
export type Fate =
  | { readonly is: "ok"; readonly content: string }
  /** `says` is in its answer. */
  | { readonly is: "failed"; readonly says: string }
  /** A reference of it has no value, which its answer says. */
  | { readonly is: "unresolved"; readonly says: string }
  /** It waits for one that failed, or is deferred. */
  | { readonly is: "not run" }
  /** It has asked this, and nobody has answered. */
  | { readonly is: "open"; readonly question: string }
  /** It waits for one that is open, or waits. */
  | { readonly is: "waiting" };

/**
 * R3, R4, R7 and R8, without time: by index.
 *
 * @param kept the fates of calls that have ended, and are not run again whatever
 *   has become of those that they waited for
 * @param hasPaused the step has paused: its checkpoint has what others answered
 */
export function fatesOf(
  turn: Turn,
  answers: ReadonlyMap<string, unknown>,
  kept: ReadonlyMap<number, Fate> = new Map(),
  hasPaused = false,
): Fate[] {
  const order = orderOf(turn);
  const fates: Fate[] = [];
  const fateAt = (index: number): Fate =>
    (fates[index] ??=
      kept.get(index) ??
      absentFate(turn, index) ??
      (order.isDeferred[index] ? { is: "not run" } : fate(index)));
  /** Whoever waits for a call that does not run waits for what that waits for. */
  const awaited = (other: number): Fate[] => {
    const isInFront = turn.absent.get(other)?.is === "answered in front";
    if (!isInFront && !kept.has(other)) return [fateAt(other)];
    const hidden = (order.waitsFor[other] ?? []).flatMap(awaited);
    if (!isInFront) return [fateAt(other), ...hidden];
    return isFound(turn, hasPaused) ? hidden : [{ is: "not run" }, ...hidden];
  };
  const fate = (index: number): Fate => {
    const others = (order.waitsFor[index] ?? []).flatMap(awaited);
    if (others.some(({ is }) => is === "open" || is === "waiting")) {
      return { is: "waiting" };
    }
    if (others.some(({ is }) => is !== "ok")) return { is: "not run" };
    const { reference } = turn.calls[index] as CallDraw;
    if (reference === undefined) return play(turn, index, undefined, answers);
    const value = valueFrom(fateAt(reference.to), reference.path);
    const says = referenceText(reference);
    if (value === undefined) return { is: "unresolved", says };
    return play(turn, index, value, answers);
  };
  return turn.calls.map((_, index) => fateAt(index));
}

/** Whether the checkpoint has the answers of those that don't come to us. */
function isFound(
  { host: { kind, durability } }: Turn,
  hasPaused: boolean,
): boolean {
  return kind === "agent v2" && (durability !== "exit" || hasPaused);
}

function absentFate(turn: Turn, index: number): Fate | undefined {
  const absence = turn.absent.get(index);
  switch (absence?.is) {
    case undefined:
      return undefined;
    case "answered by hand":
      return { is: "ok", content: absence.content };
    case "rejected":
      return { is: "failed", says: absence.content };
    case "answered in front":
      return { is: "ok", content: substituteText(turn, index, "front") };
    case "removed":
    case "never run":
      return { is: "not run" };
  }
}

function play(
  turn: Turn,
  index: number,
  value: unknown,
  answers: ReadonlyMap<string, unknown>,
): Fate {
  const leader = leaderOf(turn, index);
  const { script, amount } = turn.calls[leader] as CallDraw;
  if (isSubstituted(turn, leader)) {
    return { is: "ok", content: substituteText(turn, index, "behind") };
  }
  const got: unknown[] = [];
  for (const step of script) {
    if (step.do === "ask") {
      const question = questionOf(turn, leader, got.length);
      if (!answers.has(question)) return { is: "open", question };
      got.push(answers.get(question));
      if (step.endsOnNo && isNo(got.at(-1))) break;
    } else if (step.do === "fail") {
      const { least } = attemptsAllowed(toolOf(turn, leader), step.how);
      const isAgain = turn.host.retries !== "nowhere";
      if (step.times >= (isAgain ? 2 * least : least)) {
        return { is: "failed", says: saysOf(turn, leader, step.how) };
      }
    }
  }
  const content = outputText(turn, index, got, value, amount);
  return { is: "ok", content };
}

/** Of a time limit the host speaks in its own words. */
function saysOf(turn: Turn, index: number, how: string): string {
  return how === "hang" ? "" : failureText(turn, index);
}

/** What a reference to a call with this fate stands for. */
export function valueFrom(fate: Fate | undefined, path: string): unknown {
  if (fate?.is !== "ok") return undefined;
  return valueAt(JSON.parse(fate.content), path);
}

function valueAt(output: unknown, path: string): unknown {
  const { call, got, ...rest } = output as { call: string; got: unknown[] };
  switch (path) {
    case "":
      return { call, got, ...rest };
    case ".call":
      return call;
    case ".got":
      return got;
    case ".got[0]":
      return got[0];
    default:
      return undefined;
  }
}

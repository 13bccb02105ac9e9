import { failureText, outputText, referenceText } from "../texts.js";
import {
  type CallDraw,
  isNo,
  leaderOf,
  questionOf,
  toolOf,
  type World,
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

/** R3, R4, R7 and R8, without time: by index. */
export function fatesOf(
  world: World,
  answers: ReadonlyMap<string, unknown>,
): Fate[] {
  const order = orderOf(world);
  const fates: Fate[] = [];
  const fateAt = (index: number): Fate =>
    (fates[index] ??= order.isDeferred[index]
      ? { is: "not run" }
      : fate(index));
  const fate = (index: number): Fate => {
    const others = (order.waitsFor[index] ?? []).map(fateAt);
    if (others.some(({ is }) => is === "open" || is === "waiting")) {
      return { is: "waiting" };
    }
    if (others.some(({ is }) => is !== "ok")) return { is: "not run" };
    const { reference } = world.calls[index] as CallDraw;
    if (reference === undefined) return play(world, index, undefined, answers);
    const target = fateAt(reference.to) as { content: string };
    const value = valueAt(JSON.parse(target.content), reference.path);
    const says = referenceText(reference);
    if (value === undefined) return { is: "unresolved", says };
    return play(world, index, value, answers);
  };
  return world.calls.map((_, index) => fateAt(index));
}

function play(
  world: World,
  index: number,
  value: unknown,
  answers: ReadonlyMap<string, unknown>,
): Fate {
  const leader = leaderOf(world, index);
  const { script, amount } = world.calls[leader] as CallDraw;
  const got: unknown[] = [];
  for (const step of script) {
    if (step.do === "ask") {
      const question = questionOf(leader, got.length);
      if (!answers.has(question)) return { is: "open", question };
      got.push(answers.get(question));
      if (step.endsOnNo && isNo(got.at(-1))) break;
    } else if (step.do === "fail") {
      const { least } = attemptsAllowed(toolOf(world, leader), step.how);
      if (step.times >= least) {
        return { is: "failed", says: saysOf(world, leader, step.how) };
      }
    }
  }
  const content = outputText(world, index, got, value, amount);
  return { is: "ok", content };
}

/** Of a time limit the host speaks in its own words. */
function saysOf(world: World, index: number, how: string): string {
  return how === "hang" ? "" : failureText(world, index);
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

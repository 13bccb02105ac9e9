import type { ParallelToolNodeOptions } from "parallel-tools-node";
import type { ScriptedCall } from "./script.js";

/** Calls of one message, and what is declared of their tool. */
export interface Scenario {
  readonly name: string;
  readonly calls: readonly ScriptedCall[];
  /** The calls on whose outputs each depends, by index. */
  readonly dependsOn: readonly (readonly number[])[];
  /** What a call takes. */
  readonly callMs: number;
  readonly cap?: number;
  readonly rate?: { readonly limit: number; readonly intervalMs: number };
  readonly options: ParallelToolNodeOptions;
  /** Whether a call of it may start early at all. */
  readonly isEligible: boolean;
  /** At least so many times faster than without `eager`. */
  readonly target: number;
  /** Whether it is to be no slower, and nothing more. */
  readonly isEven: boolean;
  readonly rounds: number;
}

/** Of all calls. */
export const TOOL = "look_up";

const COUNT = 8;
const CAP = 2;
const RATE = { limit: 2, intervalMs: 300 };
const CALL_MS = 240;
/** A large difference needs fewer rounds than one that is to be none. */
const ROUNDS = { gain: 3, noLoss: 4 };

/** Two finds, five reads of what these found, and a last one of what was read. */
const GRAPH = [[], [], [0], [0], [0], [1], [1], [2, 3, 4, 5, 6]];

type Policy = NonNullable<ParallelToolNodeOptions["policies"]>[string];

export const SCENARIOS: readonly Scenario[] = [
  scenario(`a: ${COUNT} calls, cap ${CAP}`, {
    cap: CAP,
    policy: { readOnly: true, concurrency: CAP },
    target: 1.5,
    rounds: ROUNDS.gain,
  }),
  scenario(`b: ${COUNT} calls, ${RATE.limit} in any ${RATE.intervalMs} ms`, {
    rate: RATE,
    callMs: 80,
    policy: { readOnly: true, rateLimit: RATE },
    target: 1.3,
    rounds: ROUNDS.gain,
  }),
  scenario(`c: ${COUNT} calls that refer to each other`, {
    dependsOn: GRAPH,
    policy: { readOnly: true },
    target: 1.2,
    rounds: ROUNDS.gain,
  }),
  scenario(`d: ${COUNT} calls, uncapped`, { policy: { readOnly: true } }),
  scenario("e: one call", { dependsOn: [[]], policy: { readOnly: true } }),
  scenario(`f: ${COUNT} calls, none eligible`, {
    policy: {},
    isEligible: false,
  }),
];

function scenario(
  name: string,
  { policy, ...own }: Partial<Scenario> & { readonly policy: Policy },
): Scenario {
  const dependsOn = own.dependsOn ?? Array.from({ length: COUNT }, () => []);
  const hasReferences = dependsOn.some((one) => one.length > 0);
  return {
    name,
    dependsOn,
    calls: dependsOn.map((from, index) =>
      callOf(
        index,
        from.map((one) => `$${one + 1}.id`),
      ),
    ),
    callMs: CALL_MS,
    options: {
      policies: { [TOOL]: policy },
      ...(hasReferences && { references: true }),
    },
    isEligible: true,
    target: 0.99,
    rounds: ROUNDS.noLoss,
    isEven: own.target === undefined,
    ...own,
  };
}

/**
 * What the model writes where nobody knows references: calls that depend on others come
 * in a later turn.
 */
export function levelsOf({ dependsOn }: Scenario): ScriptedCall[][] {
  const depths: number[] = [];
  const levels: ScriptedCall[][] = [];
  dependsOn.forEach((from, index) => {
    const depth = Math.max(0, ...from.map((one) => depths[one]! + 1));
    depths.push(depth);
    (levels[depth] ??= []).push(callOf(index, from.map(idOf)));
  });
  return levels;
}

/** What the call of this number gives. */
export function idOf(number: number): number {
  return 1_000 + number;
}

function callOf(
  number: number,
  from: readonly (string | number)[],
): ScriptedCall {
  return { id: `${number}`, name: TOOL, args: { number, from } };
}

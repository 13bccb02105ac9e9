import fc from "fast-check";
import type { Access } from "@/policy/access.js";
import { Random as SeededNumbers } from "../../worlds/random.js";

/** What a call does, one after the other. */
export type Step =
  | { readonly workMs: number }
  /** Batches that run side by side inside of it. */
  | { readonly batches: readonly (readonly NestedCall[])[] };

export interface NestedCall {
  /** Indexes of limits. */
  readonly limits: readonly number[];
  readonly cost: number;
  /** Shared state that it uses. */
  readonly accesses?: readonly Access[] | undefined;
  readonly steps: readonly Step[];
  /** The index of a call of its batch that must end first. */
  readonly after?: number | undefined;
  /**
   * It is no call of a tool but a request to a model, alone in its batch and with
   * nothing inside.
   */
  readonly request?: "invoke" | "stream" | undefined;
}

export interface LimitDraw {
  readonly concurrency?: number | undefined;
  readonly isPLimit?: boolean | undefined;
  /** Calls, or their cost, in a time. */
  readonly rate?:
    | {
        readonly limit: number;
        readonly intervalMs: number;
        readonly algorithm: "sliding-window" | "token-bucket";
      }
    | undefined;
  /** A resource of which nothing is declared. */
  readonly isCareful?: boolean | undefined;
  /** A server that wants no calls for a while, and can take any number of them. */
  readonly pause?: { readonly atMs: number; readonly ms: number } | undefined;
}

export interface Tree {
  readonly limits: readonly LimitDraw[];
  /** Batches that begin side by side. */
  readonly batches: readonly (readonly NestedCall[])[];
}

export const work = (workMs: number): Step => ({ workMs });

export const batch = (...calls: NestedCall[]): Step => ({ batches: [calls] });

export const call = (limits: number[], ...steps: Step[]): NestedCall => ({
  limits,
  cost: 1,
  steps,
});

/** Calls of a tree: more take long and show little. */
const MAX_CALLS = 60;

/** A source of numbers, at least 0 and below 1. */
export type Random = () => number;

/** A random tree: at most five deep and six wide. */
export function drawTree(
  random: Random,
  { mayUseKeys = true, mayAskModels = true } = {},
): Tree {
  const integer = (least: number, most: number) =>
    least + Math.floor(random() * (most - least + 1));
  const chance = (share: number) => random() < share;
  const limits: LimitDraw[] = Array.from({ length: integer(1, 3) }, () => {
    if (chance(0.1)) return { isCareful: true };
    const isRate = chance(0.3);
    return {
      ...((!isRate || chance(0.5)) && {
        concurrency: integer(1, 4),
        isPLimit: chance(0.3),
      }),
      ...(isRate && {
        rate: {
          limit: integer(1, 6),
          intervalMs: integer(5, 40),
          algorithm: chance(0.5) ? "sliding-window" : "token-bucket",
        },
      }),
    };
  });
  const highestCost = Math.min(
    2,
    ...limits.map(({ rate }) => rate?.limit ?? Number.POSITIVE_INFINITY),
  );
  const asksModels = mayAskModels && chance(0.5);
  const usesKeys = mayUseKeys && chance(0.3) ? 0.4 : 0;
  let left = MAX_CALLS;
  const drawBatch = (depth: number, width: number): NestedCall[] => {
    const size = Math.min(Math.max(0, left), integer(1, width));
    left -= size;
    return Array.from({ length: size }, (_, index) => drawCall(depth, index));
  };
  const drawCall = (depth: number, index: number): NestedCall => {
    const steps: Step[] = [{ workMs: integer(0, 9) }];
    const rounds = depth === 0 || chance(0.3) ? 0 : integer(1, 2);
    // An agent asks its model before each round, and after the last one.
    const isAgent = asksModels && chance(0.4);
    if (isAgent) steps.push({ batches: drawRequests() });
    for (let round = 0; round < rounds && left > 0; round += 1) {
      const batches = Array.from({ length: chance(0.15) ? 2 : 1 }, () =>
        drawBatch(depth - 1, 4),
      );
      if (asksModels && chance(0.1)) batches.push(...drawRequests());
      steps.push({ batches }, { workMs: integer(0, 9) });
      if (isAgent) steps.push({ batches: drawRequests() });
    }
    return {
      limits: limits.flatMap((_, limit) => (chance(0.6) ? [limit] : [])),
      cost: integer(1, highestCost),
      accesses: chance(usesKeys)
        ? [
            {
              key: chance(0.5) ? "a" : "b",
              mode: chance(0.6) ? "write" : "read",
            },
          ]
        : undefined,
      steps,
      after: index > 0 && chance(0.2) ? integer(0, index - 1) : undefined,
    };
  };
  /** Mostly one; sometimes several at once, as `model.batch` sends them. */
  const drawRequests = (): NestedCall[][] =>
    Array.from({ length: chance(0.2) ? integer(2, 3) : 1 }, () => {
      left -= 1;
      const first = integer(0, limits.length - 1);
      return [
        {
          limits: limits.flatMap((_, limit) =>
            limit === first || chance(0.2) ? [limit] : [],
          ),
          cost: integer(1, highestCost),
          steps: [{ workMs: integer(0, 9) }],
          request: chance(0.5) ? "invoke" : "stream",
        },
      ];
    });
  const batches = Array.from({ length: integer(1, 3) }, () =>
    drawBatch(integer(0, 4), 6),
  );
  if (asksModels && chance(0.3)) batches.push(...drawRequests());
  return { limits, batches };
}

/**
 * A random tree of two or three calls with one level inside, behind a p-limit and a
 * cap of 1.
 */
export function drawSmallTree(random: Random): Tree {
  const integer = (least: number, most: number) =>
    least + Math.floor(random() * (most - least + 1));
  const many = <Item>(least: number, most: number, draw: () => Item) =>
    Array.from({ length: integer(least, most) }, draw);
  const drawLimits = () => [0, 1].filter(() => random() < 0.6);
  const drawLeaf = (): NestedCall => ({
    limits: drawLimits(),
    cost: 1,
    steps: [{ workMs: integer(1, 4) }],
  });
  const drawCall = (): NestedCall => ({
    limits: drawLimits(),
    cost: 1,
    steps: [
      { workMs: integer(1, 3) },
      { batches: many(1, 2, () => many(1, 2, drawLeaf)) },
      { workMs: 1 },
    ],
  });
  const pLimit = { concurrency: integer(1, 2), isPLimit: true };
  return {
    limits: [pLimit, { concurrency: 1 }],
    batches: many(2, 3, () => [drawCall()]),
  };
}

/** Shrinks towards small seeds only: a tree is drawn from one. */
export function arbitraryTree(
  draw: (random: Random) => Tree = drawTree,
): fc.Arbitrary<Tree> {
  return fc
    .integer({ min: 1, max: 2 ** 31 - 1 })
    .map((seed) => draw(seededRandom(seed)));
}

/** Numbers that a seed fixes. */
export function seededRandom(seed: number): Random {
  const numbers = new SeededNumbers(seed);
  return () => numbers.next();
}

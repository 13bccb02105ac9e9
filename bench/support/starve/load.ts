import type { SeededRandom } from "../seeded-random.js";

/** One call that arrives by itself. */
export interface Arrival {
  readonly atMs: number;
  readonly durationMs: number;
  readonly cost: number;
  /** Indexes of the resources that it needs. */
  readonly needs: readonly number[];
}

/** What resources allow: so many calls at once, or so many tokens a second. */
export type ResourceKind = "cap" | "window" | "bucket";

export interface Load {
  readonly kinds: readonly ResourceKind[];
  readonly arrivals: readonly Arrival[];
}

export const CAP = 8;
/** Of windows and buckets alike. */
export const TOKENS = 20;
export const INTERVAL_MS = 1_000;

const MEAN_COST = 5.5;
const MEAN_DURATION_MS = 400;

/**
 * Calls that come at random (Poisson) and keep each of the resources busy for
 * `load` of the time. Costs are 1 to 10; a call needs one to three of the
 * resources, as many as there are.
 */
export function drawLoad(
  kinds: readonly ResourceKind[],
  load: number,
  count: number,
  random: SeededRandom,
): Load {
  const most = Math.min(3, kinds.length);
  const share = (1 + most) / 2 / kinds.length;
  // Calls per millisecond that the scarcest of the resources can take.
  const rates = kinds.map((kind) =>
    kind === "cap" ? CAP / MEAN_DURATION_MS : TOKENS / INTERVAL_MS / MEAN_COST,
  );
  const perMs = (load * Math.min(...rates)) / share;
  const arrivals: Arrival[] = [];
  let atMs = 0;
  for (let i = 0; i < count; i += 1) {
    atMs += -Math.log(1 - random.next()) / perMs;
    const needs = kinds.map((_, index) => index);
    while (needs.length > 1 + (i % most)) {
      needs.splice(random.integer(0, needs.length - 1), 1);
    }
    arrivals.push({
      atMs: Math.round(atMs),
      durationMs: random.integer(1, 2 * MEAN_DURATION_MS - 1),
      cost: random.integer(1, 10),
      needs,
    });
  }
  return { kinds, arrivals };
}

import type { Permit, SharedLimit } from "./shared-limits.js";
import type { SharedSlot, SharedSlots } from "./shared-slots.js";
import type { Asker } from "./slots.js";

/** What a call asks a store for. */
export interface Shape {
  readonly cost: number;
  /** Slots that it needs not ask for, by the names of their limits. */
  readonly held: ReadonlyMap<string, SharedSlot>;
  /** Shapes of which a permit is as good as of the other have the same. */
  readonly key: number | string;
}

/** Permits for calls of one shape. */
export interface Permits {
  readonly cost: number;
  readonly held: readonly string[] | undefined;
  /** Requests that have no answer yet. */
  readonly asked: Set<AbortController>;
  /** Permits that no call has taken yet. */
  readonly spare: Permit[];
}

const NONE_HELD: ReadonlyMap<string, SharedSlot> = new Map();

/** The shape of a call that is inside of no other. */
export function plainShape(cost: number): Shape {
  return { cost, held: NONE_HELD, key: cost };
}

/**
 * What a call asks for: slots of its own where it can't use one of a call around it, or
 * one that is lent.
 *
 * @param capped those of its limits that have slots
 */
export function shapeOf(
  cost: number,
  asker: Asker | undefined,
  capped: readonly SharedLimit[],
  slots: SharedSlots,
): Shape {
  const isPlain = asker?.inside === undefined && !slots.hasWaiting;
  if (asker === undefined || isPlain) return plainShape(cost);
  const held = new Map<string, SharedSlot>();
  for (const limit of capped) {
    const slot =
      slots.hostSlot(limit.name, asker) ?? slots.borrowedSlot(limit, asker);
    if (slot !== undefined) held.set(limit.name, slot);
  }
  // Without caps it goes first, where others may wait for a call around it.
  const isFirst = capped.length === 0 && isInTheWay(asker);
  if (held.size === 0 && !isFirst) return plainShape(cost);
  return { cost, held, key: JSON.stringify([cost, ...held.keys()]) };
}

/** Whether others may have to wait until a call around the asking one ends. */
function isInTheWay({ inside }: Asker): boolean {
  for (let one = inside; one; one = one.inside) {
    if (one.keepsOthersOut) return true;
  }
  return false;
}

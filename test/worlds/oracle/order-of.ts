import { toolOf, type World } from "../world.js";

/** What R3 and R4 say of a batch. All by index. */
export interface Order {
  /** Every call that has to end before a call starts. */
  readonly waitsFor: readonly (readonly number[])[];
  /** Calls behind one whose result may change the plan. */
  readonly isDeferred: readonly boolean[];
}

export function orderOf(world: World): Order {
  const { calls } = world;
  const replan = calls.findIndex((_, index) => isReplan(world, index));
  const isDeferred = calls.map((_, index) => replan >= 0 && index > replan);
  const waitsFor = calls.map((_, index) =>
    calls.flatMap((__, other) =>
      other !== index && waits(world, index, other) ? [other] : [],
    ),
  );
  return { waitsFor, isDeferred };
}

/** Whether a call depends on one that depends on it. */
export function hasCycle({ waitsFor }: Order): boolean {
  const done = new Set<number>();
  const isStuck = (index: number, path: readonly number[]): boolean => {
    if (path.includes(index)) return true;
    if (done.has(index)) return false;
    const others = waitsFor[index] ?? [];
    const stuck = others.some((other) => isStuck(other, [...path, index]));
    done.add(index);
    return stuck;
  };
  return waitsFor.some((_, index) => isStuck(index, []));
}

export function isBarrier(world: World, index: number): boolean {
  const { hasPolicy, sequential } = toolOf(world, index);
  return (
    world.options.sequential !== false || (hasPolicy && sequential !== false)
  );
}

function isReplan(world: World, index: number): boolean {
  const { hasPolicy, sequential } = toolOf(world, index);
  return (
    world.options.sequential === "replan" ||
    (hasPolicy && sequential === "replan")
  );
}

function waits(world: World, index: number, other: number): boolean {
  const tool = toolOf(world, index);
  const otherTool = toolOf(world, other);
  if (tool.hasPolicy && tool.after.includes(otherTool.name)) return true;
  if (other > index) return false;
  const call = world.calls[index];
  return (
    call?.reference?.to === other ||
    isBarrier(world, index) ||
    isBarrier(world, other) ||
    (tool.hasPolicy &&
      otherTool.hasPolicy &&
      tool.access !== "none" &&
      otherTool.access !== "none" &&
      (tool.access === "write" || otherTool.access === "write") &&
      call?.key === world.calls[other]?.key)
  );
}

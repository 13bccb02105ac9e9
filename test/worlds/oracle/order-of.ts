import { toolOf, type Turn } from "../world.js";

/** What R3 and R4 say of a batch. All by index. */
export interface Order {
  /** Every call that has to end before a call starts. */
  readonly waitsFor: readonly (readonly number[])[];
  /** Calls behind one whose result may change the plan. */
  readonly isDeferred: readonly boolean[];
}

export function orderOf(turn: Turn): Order {
  const { calls } = turn;
  const replan = calls.findIndex(
    (_, index) => !isGone(turn, index) && isReplan(turn, index),
  );
  const isDeferred = calls.map((_, index) => replan >= 0 && index > replan);
  const waitsFor = calls.map((_, index) =>
    calls.flatMap((__, other) =>
      other !== index && waits(turn, index, other) ? [other] : [],
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

export function isBarrier(turn: Turn, index: number): boolean {
  const { hasPolicy, sequential } = toolOf(turn, index);
  return (
    turn.options.sequential !== false || (hasPolicy && sequential !== false)
  );
}

function isReplan(turn: Turn, index: number): boolean {
  const { hasPolicy, sequential } = toolOf(turn, index);
  return (
    turn.options.sequential === "replan" ||
    (hasPolicy && sequential === "replan")
  );
}

/** Whether there is nothing of a call that others could wait for. */
function isGone({ absent }: Turn, index: number): boolean {
  const why = absent.get(index)?.is;
  return why !== undefined && why !== "answered in front";
}

function waits(turn: Turn, index: number, other: number): boolean {
  if (isGone(turn, index)) return false;
  if (isGone(turn, other)) {
    // Its answer is looked up, if it has one.
    return turn.calls[index]?.reference?.to === other;
  }
  const tool = toolOf(turn, index);
  const otherTool = toolOf(turn, other);
  if (tool.hasPolicy && tool.after.includes(otherTool.name)) return true;
  if (other > index) return false;
  const call = turn.calls[index];
  return (
    call?.reference?.to === other ||
    isBarrier(turn, index) ||
    isBarrier(turn, other) ||
    (tool.hasPolicy &&
      otherTool.hasPolicy &&
      tool.access !== "none" &&
      otherTool.access !== "none" &&
      (tool.access === "write" || otherTool.access === "write") &&
      call?.key === turn.calls[other]?.key)
  );
}

import type { PlannedCall, PlanShape } from "./batch-plan.js";

/**
 * The shape of a plan and the calls on its longest path.
 *
 * @param order positions in an order in which no call comes before one that it
 *   waits for
 */
export function measureShape(
  calls: readonly PlannedCall[],
  order: readonly number[],
): { shape: PlanShape; depth: number } {
  const levels = new Int32Array((calls.at(-1)?.index ?? -1) + 1);
  let depth = 0;
  for (const position of order) {
    const call = calls[position] as PlannedCall;
    let level = 1;
    for (const { index } of call.dependsOn) {
      level = Math.max(level, levels[index]! + 1);
    }
    levels[call.index] = level;
    depth = Math.max(depth, level);
  }
  return { shape: shapeOf(calls.length, depth), depth };
}

function shapeOf(calls: number, depth: number): PlanShape {
  if (calls <= 1) return "single";
  if (depth === 1) return "fan-out";
  return depth === calls ? "chain" : "mixed";
}

import type { AgentRun } from "./run-agent.js";

/** How much less of it each run takes than the base's. */
export function ratiosOf(
  figure: keyof AgentRun,
  base: readonly AgentRun[],
  runs: readonly AgentRun[],
): number[] {
  return runs.map((run, place) => base[place]![figure] / run[figure]);
}

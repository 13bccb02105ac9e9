import type { LogLine } from "./host/log.js";
import { executionsIn } from "./oracle/executions-in.js";

/** What became of the calls of a world that started early. */
export interface EarlyCounts {
  readonly started: number;
  readonly discarded: number;
}

export function earlyCounts(log: readonly LogLine[]): EarlyCounts {
  const early = executionsIn(log).filter(({ isEarly }) => isEarly);
  const discarded = early.filter(({ isDiscarded }) => isDiscarded);
  return { started: early.length, discarded: discarded.length };
}

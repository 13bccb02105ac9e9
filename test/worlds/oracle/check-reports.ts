import type { BatchReport } from "parallel-tools-node";
import type { Difference } from "../difference.js";
import { hasReports, mayLackCalls } from "../host/options-of.js";
import type { LogLine } from "../host/log.js";
import { toolOf, turnOf, type World } from "../world.js";
import { executionsIn } from "./executions-in.js";

/**
 * R13: reports list the early runs that were discarded, and no others.
 */
export function checkReports(
  world: World,
  log: readonly LogLine[],
  reports: readonly BatchReport[],
): Difference[] {
  if (!hasReports(world)) return [];
  const seen = countsOf(
    executionsIn(log)
      .filter(({ isDiscarded }) => isDiscarded)
      .map(({ turn, call }) =>
        nameOf(toolOf(turnOf(world, turn), call).name, call),
      ),
  );
  const told = countsOf(
    reports
      .flatMap(({ discarded = [] }) => discarded)
      .map(({ name, index }) => nameOf(name, index)),
  );
  // Those of a message of which no call comes are in no report.
  const areAllTold = world.host.reviews === "nowhere" && !mayLackCalls(world);
  const found: Difference[] = [];
  for (const name of new Set([...seen.keys(), ...told.keys()])) {
    const [has, says] = [seen.get(name) ?? 0, told.get(name) ?? 0];
    const detail = `${name}: ${has}, and in reports ${says}`;
    if (says > has) found.push({ kind: "reported, not discarded", detail });
    if (has > says && areAllTold)
      found.push({ kind: "discarded, not reported", detail });
  }
  return found;
}

function nameOf(tool: string, index: number): string {
  return `${tool}, call ${index + 1}`;
}

function countsOf(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

import { printTable } from "../print-table.js";
import { mean, median } from "../statistics.js";
import type { Targets } from "../targets.js";
import {
  BOUND_MS,
  type Contender,
  QUOTA,
  REQUESTS,
  type Run,
} from "./workload.js";

/** Prints how much of the quota each contender used, and what it lost. */
export function printRuns(
  who: string,
  runs: ReadonlyMap<Contender, readonly Run[]>,
  targets: Targets,
): void {
  const { requests, tokens, intervalMs } = QUOTA;
  printTable(
    `${who}, a model that lets in ${requests} requests and ${tokens} tokens in ${intervalMs / 1_000} s; lower bound ${BOUND_MS} ms, shares in brackets where requests were lost`,
    [
      "model",
      "makespan ms",
      "quota used",
      "429s per run",
      `lost of ${REQUESTS}`,
      "target",
      "",
    ],
    [...runs].map(([one, itsRuns]) => rowOf(one, itsRuns, targets)),
  );
}

/** Runs all contenders in each round, each round in another order. */
export async function runRounds(
  contenders: readonly Contender[],
  rounds: number,
  runOnce: (contender: Contender) => Promise<Run>,
): Promise<ReadonlyMap<Contender, readonly Run[]>> {
  const runs = new Map(contenders.map((one): [Contender, Run[]] => [one, []]));
  for (let round = 0; round < rounds; round += 1) {
    const first = round % contenders.length;
    const order = [...contenders.slice(first), ...contenders.slice(0, first)];
    for (const one of order) runs.get(one)!.push(await runOnce(one));
  }
  return runs;
}

function rowOf(
  { name, hasTarget }: Contender,
  runs: readonly Run[],
  targets: Targets,
): string[] {
  const lost = mean(runs.map((run) => run.lost));
  const refused = mean(runs.map((run) => run.refused));
  const used = median(runs.map(({ ms }) => BOUND_MS / ms));
  const cells = [
    name,
    median(runs.map(({ ms }) => ms)).toFixed(0),
    lost > 0 ? `(${used.toFixed(3)})` : used.toFixed(3),
    refused.toFixed(1),
    lost.toFixed(1),
  ];
  if (hasTarget !== true) return cells;
  const verdict = targets.atLeast(0.95, used);
  return [...cells, ...targets.withoutLoss("used", verdict, { refused, lost })];
}

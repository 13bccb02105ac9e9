import { printTable } from "../../bench/support/print-table.js";
import type { HostSet } from "./host-sets.js";
import type { HostRun } from "./run-host-set.js";
import type { CheckResult } from "./suite/run-check.js";

interface NamedRun {
  readonly name: string;
  readonly set: HostSet;
  readonly run: HostRun;
}

const RESULTS = [
  "passed",
  "failed",
  "known difference",
  "not applicable",
] as const satisfies readonly CheckResult["result"][];

const PACKAGES = [
  "@langchain/core",
  "@langchain/langgraph",
  "langchain",
  "zod",
] as const;

/**
 * Prints a table of the runs, the reason for each check that is no plain pass, and
 * what went wrong.
 *
 * @returns whether all is well
 */
export function printRuns(runs: readonly NamedRun[]): boolean {
  printTable(
    "The suite on each host",
    ["host", ...PACKAGES, ...RESULTS],
    runs.map(({ name, set, run }) => [
      name,
      ...PACKAGES.map((one) => set.packages[one]),
      ...RESULTS.map((one) =>
        String(run.results.filter(({ result }) => result === one).length),
      ),
    ]),
  );
  for (const { name, run } of runs) {
    for (const { name: check, result, reason } of run.results) {
      if (reason === undefined || result === "failed") continue;
      console.log(`\n${name}: ${result}: ${check}\n  ${reason}`);
    }
  }
  for (const { name, run } of runs) {
    for (const { name: check, error } of run.results) {
      if (error !== undefined)
        console.log(`\n${name}: FAILED: ${check}\n${error}`);
    }
    if (run.trouble !== undefined) console.log(`\n${name}: ${run.trouble}`);
  }
  // A suite that ends early has run fewer checks than the others.
  const most = Math.max(...runs.map(({ run }) => run.results.length));
  const cut = runs.filter(({ run }) => run.results.length < most);
  for (const { name } of cut) {
    console.log(`\n${name}: the suite has ended before its last check.`);
  }
  return cut.length === 0 && runs.every(({ run }) => run.trouble === undefined);
}

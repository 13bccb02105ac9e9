import type { BatchReport } from "parallel-tools-node";
import { formatReport } from "parallel-tools-node/report";

/** Prints a batch: when each call ran, and what it waited for until then. */
export function printReport(report: BatchReport): void {
  console.log(`${formatReport(report)}\n`);
}

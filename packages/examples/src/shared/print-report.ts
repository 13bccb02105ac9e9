import type { BatchReport, Wait } from "parallel-tools-node";

/** Prints a batch: when each call ran, and what it waited for until then. */
export function printReport({ calls, shape, durationMs }: BatchReport): void {
  console.log(`batch of ${calls.length}, ${shape}, ${ms(durationMs)}`);
  for (const { ordinal, name, startMs, endMs, outcome, waits } of calls) {
    const when =
      startMs === undefined
        ? outcome
        : `${ms(startMs)} to ${ms(endMs)}, ${outcome}`;
    const why = waits.map(describeWait).join(", then ");
    const line = `  ${ordinal} ${name.padEnd(16)} ${when.padEnd(24)} ${why}`;
    console.log(line.trimEnd());
  }
}

function describeWait(wait: Wait): string {
  const what =
    wait.for === "dependency" ? `call ${wait.index + 1}` : wait.limit;
  return `waited ${ms(wait.ms)} for ${what}`;
}

function ms(value: number): string {
  return `${Math.round(value)} ms`;
}

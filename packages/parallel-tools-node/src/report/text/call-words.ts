import type { CallReport } from "../batch-report.js";
import { formatMs } from "../words/format-ms.js";
import { jsonOf } from "../words/json-of.js";
import { printable } from "../words/printable.js";
import { describeWait } from "../words/wait-words.js";

const MOST_CHARACTERS = 200;

/** The name of a call's tool, with the arguments if the report has them. */
export function labelOf(call: CallReport): string {
  const name = call.name === "" ? "(no name)" : call.name;
  const args = "args" in call ? ` ${jsonOf(call.args) ?? ""}` : "";
  return printable(`${name}${args}`, MOST_CHARACTERS).trimEnd();
}

/** How long a call ran, how it ended if not well, and what it waited for. */
export function noteOf(call: CallReport): string {
  const { runs, outcome, attempts, sameAs, waits } = call;
  const ranMs = runs.reduce((sum, run) => sum + run.endMs - run.startMs, 0);
  const told = waits.map((wait) =>
    wait.for === "dependency"
      ? `after ${describeWait(wait)}`
      : `${describeWait(wait)} ${formatMs(wait.ms)}`,
  );
  const notes = [
    ...(attempts > 0 ? [formatMs(ranMs)] : []),
    ...(outcome === "ok" ? [] : [outcome]),
    ...(attempts > 1 ? [`${attempts} attempts`] : []),
    ...(sameAs === undefined || attempts > 0
      ? told
      : [`the answer of call ${sameAs + 1}`]),
  ];
  return printable(notes.join(", "), MOST_CHARACTERS);
}

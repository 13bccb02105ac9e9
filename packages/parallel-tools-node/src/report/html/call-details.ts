import type { CallReport } from "../batch-report.js";
import { formatMs } from "../words/format-ms.js";
import { jsonOf } from "../words/json-of.js";
import { MOST_NAME } from "../words/printable.js";
import { describeWait } from "../words/wait-words.js";
import { outcomeWords, ranMsOf, spanWords } from "./call-facts.js";
import { escapeHtml, linesHtml, nameHtml } from "./escape-html.js";
import { swatchSvg } from "./swatch-svg.js";

const MOST_ARGUMENTS = 10_000;

/** Links to another call of the same batch, by its index. */
export type CallLink = (index: number) => string;

/** All that a report says of a call. */
export function callDetails(call: CallReport, link: CallLink): string {
  const { id, runs, waits, dependsOn, sameAs, endMs, attempts } = call;
  const facts: [string, string][] = [["Outcome", outcomeWords(call)]];
  if (sameAs !== undefined && attempts === 0) {
    facts.push(["Shares the answer of", link(sameAs)]);
  }
  facts.push(
    ["Waited for", list(waits.map((wait) => waitItem(wait, link)))],
    [
      attempts > 1 ? `Ran, ${attempts} attempts` : "Ran",
      list(runs.map(({ startMs, endMs: toMs }) => spanWords(startMs, toMs))),
    ],
  );
  if (attempts > 1) facts.push(["Ran in all", formatMs(ranMsOf(call))]);
  if (attempts === 0) facts.push(["Ended at", formatMs(endMs)]);
  facts.push([
    "Depends on",
    list(
      dependsOn.map(({ index, reason, detail }) => {
        const why = detail === "" ? "" : ` ${nameHtml(detail)}`;
        return `${link(index)}: ${reason}${why}`;
      }),
    ),
  ]);
  if (id !== undefined) facts.push(["Id", nameHtml(id)]);
  const terms = facts
    .filter(([, fact]) => fact !== "")
    .map(([term, fact]) => `<div><dt>${term}</dt><dd>${fact}</dd></div>`);
  return `<dl>${terms.join("")}</dl>${argumentsHtml(call)}`;
}

function waitItem(wait: CallReport["waits"][number], link: CallLink): string {
  const { startMs, ms } = wait;
  const what =
    wait.for === "dependency"
      ? link(wait.index)
      : `<bdi>${escapeHtml(describeWait(wait))}</bdi>`;
  return `${swatchSvg(wait.for)}${what}: ${spanWords(startMs, startMs + ms)}`;
}

function argumentsHtml(call: CallReport): string {
  if (!("args" in call)) return "";
  const json = jsonOf(call.args, 2) ?? "They can't be written as JSON.";
  return `<p class="term">Arguments</p><pre tabindex="0" aria-label="Arguments of call ${call.ordinal}">${linesHtml(json, MOST_ARGUMENTS)}</pre>`;
}

function list(items: readonly string[]): string {
  if (items.length < 2) return items.join("");
  return `<ul>${items.map((item) => `<li>${item}</li>`).join("")}</ul>`;
}

/** Makes links to calls of the batch `batchId`. */
export function callLinks(
  batchId: string,
  calls: readonly CallReport[],
): CallLink {
  const byIndex = new Map(calls.map((call) => [call.index, call]));
  return (index) => {
    const call = byIndex.get(index);
    const text = `call ${index + 1}`;
    if (call === undefined) return text;
    return `<a href="#${batchId}-${call.ordinal}">${text} ${nameHtml(call.name, MOST_NAME)}</a>`;
  };
}

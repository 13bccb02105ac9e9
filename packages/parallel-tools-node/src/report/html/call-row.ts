import type { CallReport, Wait } from "../batch-report.js";
import { OUTCOME_WORDS, ranMsOf, toolName } from "../words/call-words.js";
import { formatMs } from "../words/format-ms.js";
import { jsonOf } from "../words/json-of.js";
import { describeWait } from "../words/wait-words.js";
import { escapeHtml, linesHtml, nameHtml } from "./escape-html.js";
import { swatchSvg } from "./legend.js";
import { type Icon, iconSvg } from "./symbols.js";
import { arrowsSvg, barSvg, type Rows } from "./waterfall-svg.js";

/** The most characters of a call's arguments. */
const MOST_ARGUMENTS = 10_000;

/** What the rows of one batch have in common. */
export interface RowContext {
  /** The id of the batch's section. */
  readonly batchId: string;
  readonly rows: Rows;
  /** The indexes of the calls on the critical path. */
  readonly critical: ReadonlySet<number>;
  readonly link: CallLink;
}

/** Gives the link to another call of the same batch, by its index. */
type CallLink = (index: number) => string;

/** Makes the links to the calls of a batch. */
export function callLinks(
  batchId: string,
  calls: readonly CallReport[],
): CallLink {
  const byIndex = new Map(calls.map((call) => [call.index, call]));
  return (index) => {
    const call = byIndex.get(index);
    const text = `call ${index + 1}`;
    if (call === undefined) return text;
    return `<a href="#${batchId}-${call.ordinal}">${text} ${nameHtml(call.name)}</a>`;
  };
}

/** A call's row: name, bar and time; details and arrows are shown on demand. */
export function callRow(call: CallReport, context: RowContext): string {
  const { batchId, rows, critical, link } = context;
  const isCritical = critical.has(call.index);
  const icon = iconOf(call);
  const spoken = escapeHtml(spokenWords(call, isCritical));
  return `<li class="call${isCritical ? " critical" : ""}" id="${batchId}-${call.ordinal}">
<details name="${batchId}"><summary class="row"><span class="label">${iconSvg(icon)}<span class="ordinal">${call.ordinal}</span><span class="name">${nameHtml(toolName(call))}</span></span><span class="hidden">, ${spoken}</span>${barSvg(call, rows)}<span class="time ${icon}" aria-hidden="true">${timeHtml(call)}</span></summary>
<div class="more">${callDetails(call, link)}</div></details>${arrowsSvg(call, rows)}</li>`;
}

function iconOf({ outcome, attempts, sameAs }: CallReport): Icon {
  return attempts === 0 && sameAs !== undefined && outcome === "ok"
    ? "shared"
    : outcome;
}

function outcomeWords(call: CallReport): string {
  const icon = iconOf(call);
  return icon === "shared" ? "shared" : OUTCOME_WORDS[icon];
}

/** What a screen reader says of a call, after its number and name. */
function spokenWords(call: CallReport, isCritical: boolean): string {
  const { waits, attempts } = call;
  const ran =
    attempts === 0
      ? "not run"
      : `ran ${formatMs(ranMsOf(call))}${attempts > 1 ? ` in ${attempts} attempts` : ""}`;
  return [
    outcomeWords(call),
    ...waits.map(
      (wait) => `waited ${formatMs(wait.ms)} for ${describeWait(wait)}`,
    ),
    ran,
    ...(isCritical ? ["on the critical path"] : []),
  ].join(", ");
}

function timeHtml(call: CallReport): string {
  if (call.attempts === 0) return outcomeWords(call);
  const times = call.attempts > 1 ? ` <small>${call.attempts}×</small>` : "";
  return `${formatMs(ranMsOf(call))}${times}`;
}

/** Everything that the report says of a call. */
function callDetails(call: CallReport, link: CallLink): string {
  const { id, runs, waits, dependsOn, sameAs, endMs, attempts } = call;
  const facts: [string, string][] = [["Outcome", outcomeWords(call)]];
  if (sameAs !== undefined && attempts === 0) {
    facts.push(["Shares the answer of", link(sameAs)]);
  }
  facts.push(
    ["Waited for", listHtml(waits.map((wait) => waitHtml(wait, link)))],
    [
      attempts > 1 ? `Ran, ${attempts} attempts` : "Ran",
      listHtml(
        runs.map(({ startMs, endMs: toMs }) => spanWords(startMs, toMs)),
      ),
    ],
  );
  if (attempts > 1) facts.push(["Ran in all", formatMs(ranMsOf(call))]);
  if (attempts === 0) facts.push(["Ended at", formatMs(endMs)]);
  facts.push([
    "Depends on",
    listHtml(
      dependsOn.map(({ index, indexes, reason, detail }) => {
        const why = detail === "" ? "" : ` ${nameHtml(detail)}`;
        const more = indexes ? ` and ${indexes.length - 1} other calls` : "";
        return `${link(index)}${more}: ${reason}${why}`;
      }),
    ),
  ]);
  if (id !== undefined) facts.push(["Id", nameHtml(id)]);
  const terms = facts
    .filter(([, fact]) => fact !== "")
    .map(([term, fact]) => `<div><dt>${term}</dt><dd>${fact}</dd></div>`);
  return `<dl>${terms.join("")}</dl>${argumentsHtml(call)}`;
}

function waitHtml(wait: Wait, link: CallLink): string {
  const { startMs, ms } = wait;
  const what =
    wait.for === "dependency"
      ? link(wait.index)
      : `<bdi>${escapeHtml(describeWait(wait))}</bdi>`;
  return `${swatchSvg(wait.for)}${what}: ${spanWords(startMs, startMs + ms)}`;
}

/** A span of time: `180 ms, from 0 ms to 180 ms`. */
function spanWords(startMs: number, endMs: number): string {
  return `${formatMs(endMs - startMs)}, from ${formatMs(startMs)} to ${formatMs(endMs)}`;
}

function argumentsHtml(call: CallReport): string {
  if (!("args" in call)) return "";
  const json = jsonOf(call.args, 2) ?? "They can't be written as JSON.";
  return `<p class="term">Arguments</p><pre tabindex="0" aria-label="Arguments of call ${call.ordinal}">${linesHtml(json, MOST_ARGUMENTS)}</pre>`;
}

function listHtml(items: readonly string[]): string {
  if (items.length < 2) return items.join("");
  return `<ul>${items.map((item) => `<li>${item}</li>`).join("")}</ul>`;
}

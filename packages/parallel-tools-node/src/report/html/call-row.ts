import type { CallReport } from "../batch-report.js";
import { timelineOf } from "../timeline.js";
import { formatMs } from "../words/format-ms.js";
import { type Rows, arrowsSvg } from "./arrows-svg.js";
import { barSvg } from "./bar-svg.js";
import { type CallLink, callDetails } from "./call-details.js";
import { callSentence, outcomeWords, ranMsOf } from "./call-facts.js";
import { escapeHtml, nameHtml } from "./escape-html.js";
import { type Icon, iconSvg } from "./symbols.js";

/** What the rows of one batch have in common. */
export interface RowContext {
  /** The id of the batch's section. */
  readonly batchId: string;
  readonly rows: Rows;
  readonly critical: ReadonlySet<number>;
  readonly link: CallLink;
}

/** A call's row: name, bar and time; behind them the details and the arrows. */
export function callRow(call: CallReport, context: RowContext): string {
  const { batchId, rows, critical, link } = context;
  const isCritical = critical.has(call.index);
  const words = outcomeWords(call);
  const name = call.name === "" ? "(no name)" : call.name;
  const bar = barSvg(timelineOf(call), rows.endMs);
  const spoken = escapeHtml(callSentence(call, isCritical));
  return `<li class="call${isCritical ? " critical" : ""}" id="${batchId}-${call.ordinal}">
<details name="${batchId}"><summary class="row"><span class="label">${iconSvg(words as Icon)}<span class="ordinal">${call.ordinal}</span><span class="name">${nameHtml(name)}</span></span><span class="hidden">, ${spoken}</span>${bar}<span class="time ${words}" aria-hidden="true">${timeOf(call)}</span></summary>
<div class="more">${callDetails(call, link)}</div></details>${arrowsSvg(call, rows)}</li>`;
}

function timeOf(call: CallReport): string {
  if (call.attempts === 0) return outcomeWords(call);
  const times = call.attempts > 1 ? ` <small>${call.attempts}×</small>` : "";
  return `${formatMs(ranMsOf(call))}${times}`;
}

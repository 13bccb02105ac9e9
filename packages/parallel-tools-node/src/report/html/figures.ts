import type { BatchReport } from "../batch-report.js";
import { describeBound } from "../words/describe-bound.js";
import { formatMs } from "../words/format-ms.js";
import { formatTimes } from "../words/format-times.js";
import { escapeHtml } from "./escape-html.js";
import { percent } from "./percent.js";

interface Figure {
  readonly kind: string;
  readonly term: string;
  readonly ms: number;
  readonly note: string;
}

/** The three times of a batch side by side: bound, taken, one at a time. */
export function figuresHtml(report: BatchReport): string {
  const { durationMs, sumMs, lowerBound } = report;
  const figures: Figure[] = [
    {
      kind: "took",
      term: "took",
      ms: durationMs,
      note: boundWords(lowerBound.ratio),
    },
    {
      kind: "bound",
      term: "lower bound",
      ms: lowerBound.ms,
      note: escapeHtml(describeBound(lowerBound)),
    },
    {
      kind: "sum",
      term: "one at a time",
      ms: sumMs,
      note: sumWords(sumMs, durationMs),
    },
  ];
  const most = Math.max(...figures.map(({ ms }) => ms));
  return `<dl class="figures">${figures.map((one) => figureHtml(one, most)).join("")}</dl>`;
}

function boundWords(ratio: number | undefined): string {
  if (ratio === undefined) return "";
  const times = formatTimes(ratio);
  return times === "1.00"
    ? "no schedule could take less"
    : `${times} times the lower bound`;
}

function sumWords(sumMs: number, durationMs: number): string {
  if (!(durationMs > 0 && sumMs > 0)) return "";
  const times = formatTimes(sumMs / durationMs);
  return times === "1.00" ? "just as long" : `${times} times as long`;
}

function figureHtml({ kind, term, ms, note }: Figure, most: number): string {
  const bar = `<svg class="measure ${kind}" width="100%" height="6" aria-hidden="true"><rect class="all" width="100%" height="6" rx="3"/><rect class="part" width="${percent(ms, most)}" height="6" rx="3"/></svg>`;
  return `<div><dt>${term}</dt><dd><b>${formatMs(ms)}</b>${bar}<span class="note">${note}</span></dd></div>`;
}

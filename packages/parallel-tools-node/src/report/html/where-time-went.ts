import type { DeepPath } from "../deep-path.js";
import type { Segment } from "../timeline.js";
import { formatMs } from "../words/format-ms.js";
import { nameHtml } from "./escape-html.js";
import { KIND_WORDS, swatchSvg } from "./legend.js";
import { percent } from "./percent.js";

/** The most parts that are named; the bar shows all. */
const MOST_NAMED = 6;

/** A part of the time that a batch took. */
export interface TimePart {
  readonly kind: Segment["kind"];
  /** The limit that was waited for, if it was one. */
  readonly limit?: string;
  readonly ms: number;
}

/** Where the time of a batch went, as one bar and in words. */
export function whereTimeWentHtml(path: DeepPath): string {
  const parts = whereTimeWent(path);
  if (parts.length < 2) return "";
  const total = parts.reduce((sum, { ms }) => sum + ms, 0);
  let fromMs = 0;
  const rects = parts.map(({ kind, ms }) => {
    const x = percent(fromMs, total);
    fromMs += ms;
    return `<rect class="${kind}" x="${x}" width="${percent(ms, total)}" y="1" height="10"/>`;
  });
  const items = parts.slice(0, MOST_NAMED).map((part) => partHtml(part, total));
  return `<div class="went"><h3>Where the time went</h3>
<svg class="stack" width="100%" height="12" aria-hidden="true">${rects.join("")}</svg>
<ul class="parts">${items.join("")}</ul></div>`;
}

/**
 * Where the time of a batch went: what each call of the critical path did after
 * the call before it had ended. The largest part comes first.
 */
export function whereTimeWent({ steps }: DeepPath): TimePart[] {
  const parts = new Map<string, TimePart>();
  for (const { segment } of steps) {
    const { kind, startMs, endMs, wait } = segment;
    const limit = wait !== undefined && "limit" in wait ? wait.limit : "";
    const key = `${kind} ${limit}`;
    const ms = (parts.get(key)?.ms ?? 0) + endMs - startMs;
    parts.set(key, { kind, ms, ...(limit && { limit }) });
  }
  return [...parts.values()].sort((a, b) => b.ms - a.ms);
}

function partHtml({ kind, limit, ms }: TimePart, total: number): string {
  const share = Math.round((100 * ms) / total);
  const where = limit === undefined ? "" : ` (${nameHtml(limit)})`;
  return `<li>${swatchSvg(kind)}${KIND_WORDS[kind]}${where} <b>${formatMs(ms)}</b> <span class="note">${share}%</span></li>`;
}

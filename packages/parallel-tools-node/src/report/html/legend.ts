import { isRun, type Segment } from "../timeline.js";
import { segmentRect } from "./symbols.js";

/** The name of each kind of segment in a legend. */
export const KIND_WORDS = {
  running: "running",
  failed: "failed attempt",
  message: "waiting for the message",
  dependency: "waiting for another call",
  concurrency: "waiting for a cap",
  rate: "waiting for a rate limit",
  feedback: "pause after a refusal",
  circuit: "trial after failures",
  retry: "back-off before a retry",
} satisfies Record<Segment["kind"], string>;

const KINDS = Object.keys(KIND_WORDS) as Segment["kind"][];

/** Explains the kinds of segments that are drawn, and the two lines. */
export function legendHtml(segments: readonly Segment[]): string {
  const present = new Set(segments.map(({ kind }) => kind));
  const items = KINDS.filter((kind) => present.has(kind)).map(
    (kind) => `<li>${swatchSvg(kind)}${KIND_WORDS[kind]}</li>`,
  );
  const critical = sampleSvg(
    '<line class="critical" x1="1" x2="19" y1="6" y2="6"/>',
  );
  const bound = sampleSvg(
    '<line class="bound" x1="10" x2="10" y1="0" y2="12"/>',
  );
  return `<ul class="legend">${items.join("")}<li>${critical}critical path</li><li>${bound}lower bound</li></ul>`;
}

/** A small sample of how a kind of segment is drawn, to stand before its name. */
export function swatchSvg(kind: Segment["kind"]): string {
  const size = isRun(kind) ? 'y="0" height="12"' : 'y="2" height="8"';
  return sampleSvg(segmentRect(kind, `x="1" width="18" rx="2" ${size}`));
}

function sampleSvg(shape: string): string {
  return `<svg class="swatch" width="20" height="12" aria-hidden="true">${shape}</svg>`;
}

import type { OutcomeStatus } from "../../schedule/outcome.js";
import type { Segment } from "../timeline.js";

/** How a call ended, `shared` where it has the answer of an identical call. */
export type Icon = OutcomeStatus | "shared";

/** Each has a shape of its own, so that colour isn't needed. */
const ICONS = {
  ok: '<circle cx="8" cy="8" r="6.25"/><path d="m5 8.2 2.1 2.1L11 6.2"/>',
  error:
    '<path d="M5.4 1.75h5.2l3.65 3.65v5.2l-3.65 3.65H5.4L1.75 10.6V5.4zM5.7 5.7l4.6 4.6m0-4.6-4.6 4.6"/>',
  skipped:
    '<path d="M1.75 10.5C3 5 10 3.5 13.5 8.5m.5-4.25V9H9.25"/><circle cx="8" cy="12" r="1"/>',
  deferred: '<circle cx="8" cy="8" r="6.25"/><path d="M8 4.5V8l2.5 1.75"/>',
  refused: '<circle cx="8" cy="8" r="6.25"/><path d="M4.5 8h7"/>',
  interrupted:
    '<circle cx="8" cy="8" r="6.25"/><path d="M6.25 5.5v5m3.5-5v5"/>',
  aborted: '<circle cx="8" cy="8" r="6.25"/><path d="m3.75 12.25 8.5-8.5"/>',
  shared: '<path d="M3 6h10M3 10h10"/>',
} satisfies Record<Icon, string>;

/** What distinguishes a kind of segment without its colour. */
const PATTERNS = {
  message: '<path d="M1 2.5h3m1.5 0h1.5M2.5 6h4" stroke-width="1.1"/>',
  dependency:
    '<circle cx="2.5" cy="2" r="1.1"/><circle cx="5.5" cy="6" r="1.1"/>',
  concurrency: '<path d="M1.5 0v8m4-8v8" stroke-width="1.6"/>',
  rate: '<path d="M-2 2l4-4M0 8l8-8M6 10l4-4" stroke-width="1.6"/>',
  feedback: '<path d="M0 0l8 8M8 0l-8 8" stroke-width="1.3"/>',
  circuit: '<circle cx="4" cy="4" r="2.2" stroke-width="1.2" fill="none"/>',
  retry: '<path d="M0 2h5m-3 4h6" stroke-width="1.6"/>',
  failed: '<path d="M1 1l6 6M7 1l-6 6" stroke-width="1.4"/>',
} satisfies Record<Exclude<Segment["kind"], "running">, string>;

/** The definitions that bars and icons refer to, once for the whole page. */
export function symbolsSvg(): string {
  const icons = Object.entries(ICONS).map(
    ([name, shape]) =>
      `<symbol id="icon-${name}" viewBox="0 0 16 16">${shape}</symbol>`,
  );
  const patterns = Object.entries(PATTERNS).map(
    ([kind, shape]) =>
      `<pattern id="pattern-${kind}" class="${kind}" width="8" height="8" patternUnits="userSpaceOnUse">${shape}</pattern>`,
  );
  return `<svg class="symbols" width="0" height="0" aria-hidden="true" focusable="false"><defs>${[...patterns, ...icons].join("")}<marker id="arrowhead" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0.5 8 4 0 7.5z"/></marker></defs></svg>`;
}

export function iconSvg(name: Icon): string {
  return `<svg class="icon ${name}" width="16" height="16" aria-hidden="true"><use href="#icon-${name}"/></svg>`;
}

/** A rectangle for a segment. A failed attempt gets a pattern over its colour. */
export function segmentRect(kind: Segment["kind"], place: string): string {
  const rect = `<rect class="${kind}" ${place}/>`;
  return kind === "failed" ? `${rect}<rect class="crosses" ${place}/>` : rect;
}

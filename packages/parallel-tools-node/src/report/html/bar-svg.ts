import type { Segment } from "../timeline.js";
import { percentSpan } from "./percent.js";

const HEIGHT = 18;

/** Waits are thin and patterned, what ran is thick and full. */
const HEIGHTS = { wait: 8, run: 14 };

/** The least of 100 that an attempt is wide, however short it was. */
const LEAST_RUN = 0.3;

/** A call's time as a bar, on an axis from 0 to `endMs`. */
export function barSvg(segments: readonly Segment[], endMs: number): string {
  const rects = segments.map((segment) => rectSvg(segment, endMs));
  return `<svg class="bar" width="100%" height="${HEIGHT}" aria-hidden="true">${rects.join("")}</svg>`;
}

function rectSvg({ kind, startMs, endMs: toMs, wait }: Segment, endMs: number) {
  const ran = wait === undefined;
  const height = HEIGHTS[ran ? "run" : "wait"];
  const least = ran ? LEAST_RUN : 0;
  const { x, width } = percentSpan(startMs, toMs, endMs, least);
  const place = `x="${x}" y="${(HEIGHT - height) / 2}" width="${width}" height="${height}" rx="2"`;
  const rect = `<rect class="${kind}" ${place}/>`;
  // A pattern over the colour: failures are told apart without it.
  return kind === "failed" ? `${rect}<rect class="crosses" ${place}/>` : rect;
}

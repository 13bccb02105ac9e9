import type { Segment } from "../timeline.js";
import { KINDS, KIND_WORDS } from "./kind-words.js";
import { swatchSvg } from "./swatch-svg.js";

/** What the bars that are there mean, and how to find out more. */
export function legendHtml(segments: readonly Segment[]): string {
  const present = new Set(segments.map(({ kind }) => kind));
  const items = KINDS.filter((kind) => present.has(kind)).map(
    (kind) => `<li>${swatchSvg(kind)}${KIND_WORDS[kind]}</li>`,
  );
  return `<ul class="legend">${items.join("")}<li>${swatchSvg("critical")}critical path</li><li>${swatchSvg("bound")}lower bound</li></ul>`;
}

import type { Segment } from "../timeline.js";

/** A sample of what something looks like in a waterfall, for its name. */
export function swatchSvg(
  kind: Segment["kind"] | "critical" | "bound",
): string {
  const shape =
    kind === "critical" || kind === "bound"
      ? `<line class="${kind}" ${kind === "critical" ? 'x1="1" x2="19" y1="6" y2="6"' : 'x1="10" x2="10" y1="0" y2="12"'}/>`
      : rectsOf(kind);
  return `<svg class="swatch" width="20" height="12" aria-hidden="true">${shape}</svg>`;
}

function rectsOf(kind: Segment["kind"]): string {
  const ran = kind === "running" || kind === "failed";
  const place = `x="1" width="18" rx="2" ${ran ? 'y="0" height="12"' : 'y="2" height="8"'}`;
  const rect = `<rect class="${kind}" ${place}/>`;
  return kind === "failed" ? `${rect}<rect class="crosses" ${place}/>` : rect;
}

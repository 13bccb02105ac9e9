import { ticksUntil } from "../ticks.js";
import { formatTick } from "../words/format-tick.js";

/** Columns that a label and the gap behind it take. */
const LABEL_WIDTH = 9;

/** The times above the bars, each beginning over its own place. */
export function drawAxis(endMs: number, width: number): string {
  let axis = "";
  for (const tick of ticksUntil(endMs, Math.floor(width / LABEL_WIDTH))) {
    const at = endMs > 0 ? Math.floor((tick / endMs) * width) : 0;
    const label = formatTick(tick);
    if (at < axis.length || at + label.length > width) continue;
    axis = axis.padEnd(at) + label;
  }
  return axis;
}

/** Where `ms` stands on an axis from 0 to `endMs`: `"12.5%"`, from 0% to 100%. */
export function percent(ms: number, endMs: number): string {
  return textOf(share(ms, endMs));
}

/**
 * Where a span of time begins on an axis from 0 to `endMs`, and how wide it is.
 *
 * @param least the least width in percent, so that a short span can be seen
 */
export function percentSpan(
  startMs: number,
  toMs: number,
  endMs: number,
  least = 0,
): { x: string; width: string } {
  const from = share(startMs, endMs);
  const width = Math.max(share(toMs, endMs) - from, least);
  return { x: textOf(Math.min(from, 100 - width)), width: textOf(width) };
}

function share(ms: number, endMs: number): number {
  const of = endMs > 0 ? (100 * ms) / endMs : 0;
  const within = Number.isFinite(of) ? Math.min(100, Math.max(0, of)) : 0;
  return Number(within.toFixed(3));
}

function textOf(value: number): string {
  return `${Number(value.toFixed(3))}%`;
}

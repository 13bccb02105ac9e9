/**
 * Round times for an axis from 0 to `endMs`: at most `most` of them, at a
 * distance of 1, 2 or 5 times a power of ten, the first one 0.
 */
export function ticksUntil(endMs: number, most: number): number[] {
  if (!(endMs > 0) || !Number.isFinite(endMs)) return [0];
  const least = endMs / Math.max(1, most - 1);
  const power = 10 ** Math.floor(Math.log10(least));
  const step =
    [1, 2, 5, 10].map((n) => n * power).find((one) => one >= least) ??
    10 * power;
  const count = Math.floor(endMs / step + 1e-9) + 1;
  return Array.from({ length: count }, (_, i) => i * step);
}

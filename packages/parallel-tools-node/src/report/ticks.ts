/**
 * Round times for an axis from 0 to `endMs`. The first is 0, and the distance
 * between two is 1, 2 or 5 times a power of ten.
 *
 * @param most how many times there may be
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

/** A factor for people: `1.05`, `2.5`, `31`. */
export function formatTimes(factor: number): string {
  if (factor < 1.995) return factor.toFixed(2);
  return factor < 19.95 ? factor.toFixed(1) : factor.toFixed(0);
}

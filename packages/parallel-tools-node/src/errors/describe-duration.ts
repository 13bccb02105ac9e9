/** From how many milliseconds on a unit is used, and how many it has. */
const UNITS = [
  { from: 172_800_000, ms: 86_400_000, name: "d" },
  { from: 7_200_000, ms: 3_600_000, name: "h" },
  { from: 120_000, ms: 60_000, name: "min" },
  { from: 1_000, ms: 1_000, name: "s" },
] as const;

/**
 * A duration for a reader, e.g. `0.1 s`, `1.5 s` or `2 min`. It is rounded up to
 * tenths of its unit, and below a second to milliseconds, so it is never less than
 * what it stands for.
 */
export function describeDuration(ms: number): string {
  const unit = UNITS.find(({ from }) => ms >= from);
  if (unit === undefined) return `${Math.ceil(ms) / 1_000} s`;
  return `${Math.ceil((ms * 10) / unit.ms) / 10} ${unit.name}`;
}

/** A time to wait: in whole seconds, at least one. */
export function describeWait(ms: number): string {
  return describeDuration(Math.max(1, Math.ceil(ms / 1_000)) * 1_000);
}

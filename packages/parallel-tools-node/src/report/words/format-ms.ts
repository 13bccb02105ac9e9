/** A time for people: `0.4 ms`, `212 ms`, `1.24 s`, `2 min 5 s`. */
export function formatMs(ms: number): string {
  if (!(ms > 0)) return "0 ms";
  if (ms < 9.95) return `${Number(ms.toFixed(1))} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_995) return `${(ms / 1_000).toFixed(2)} s`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** A round time, as an axis shows it: `0`, `200 ms`, `2.5 s`, `1 min 20 s`. */
export function formatTick(ms: number): string {
  if (ms === 0) return "0";
  if (ms < 1_000) return `${withoutNoise(ms)} ms`;
  if (ms < 60_000) return `${withoutNoise(ms / 1_000)} s`;
  const seconds = Math.round(ms / 1_000);
  const rest = seconds % 60;
  return `${Math.floor(seconds / 60)} min${rest === 0 ? "" : ` ${rest} s`}`;
}

/** `0.3`, where a multiple of 0.1 gave 0.30000000000000004. */
function withoutNoise(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** A round time, as an axis shows it: `0`, `200 ms`, `2.5 s`, `1 min 20 s`. */
export function formatTick(ms: number): string {
  if (ms === 0) return "0";
  if (ms < 1_000) return `${short(ms)} ms`;
  if (ms < 60_000) return `${short(ms / 1_000)} s`;
  const seconds = Math.round(ms / 1_000);
  const rest = seconds % 60;
  return `${Math.floor(seconds / 60)} min${rest === 0 ? "" : ` ${rest} s`}`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}

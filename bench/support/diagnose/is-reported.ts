import type { Diagnosis, FoundCall } from "parallel-tools-node/diagnose";
import type { CallPair } from "./draw-sample.js";

/**
 * Whether a diagnosis claims that the second call of a pair needed nothing of
 * the first, neither directly nor by way of others, in messages of one call.
 */
export function isReported(
  { conversation, first, second }: CallPair,
  { findings }: Diagnosis,
): boolean {
  const finding = findings.find(
    (one) =>
      one.conversation === conversation &&
      one.messages.includes(first) &&
      one.messages.includes(second),
  );
  if (finding === undefined) return false;
  const callIn = (message: number) =>
    finding.calls.find(
      ({ turn }) => finding.messages[turn - 1] === message,
    ) as FoundCall;
  const target = callIn(first).index;
  const needed = new Set<number>();
  const open = [callIn(second).index];
  for (const index of open) {
    for (const need of (finding.calls[index] as FoundCall).needs) {
      if (needed.has(need.index)) continue;
      needed.add(need.index);
      open.push(need.index);
    }
  }
  return !needed.has(target);
}

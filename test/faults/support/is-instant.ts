import type { LedgerEvent } from "./protocol.js";

/** Whether the fault of a run may follow an event: all but those of its reads. */
export function isInstant({ kind }: LedgerEvent): boolean {
  return kind !== "found" && kind !== "drive";
}

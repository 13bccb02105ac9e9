import { readPositiveInteger } from "./rate-limit.js";
import { readDuration } from "./read-duration.js";
import { readFields } from "./read-fields.js";

/** When a resource that fails is left alone, and for how long. */
export interface CircuitPolicy {
  /** Failures in a row after which it is. An integer of at least 1. */
  failures: number;
  /**
   * Milliseconds for which no call is made. Then one is, and decides. At least 1.
   */
  resetMs: number;
}

/** Reads the `circuit` option of a resource. */
export function readCircuit(
  option: string,
  value: unknown,
): Readonly<CircuitPolicy> | undefined {
  if (value === undefined) return undefined;
  const fields = readFields(option, value, ["failures", "resetMs"]);
  return {
    failures: readPositiveInteger(`${option}.failures`, fields.failures),
    resetMs: readDuration(`${option}.resetMs`, fields.resetMs, { least: 1 }),
  };
}

import { readDuration } from "./read-duration.js";
import {
  type FieldReader,
  readByTable,
  readPositiveInteger,
} from "./read-fields.js";

/**
 * When a resource that fails is left alone, and for how long. Failures are timeouts,
 * also of the HTTP client of a tool (`ECONNABORTED`, `ETIMEDOUT`) or by a timer of its
 * own (an `AbortError` while the call's signal is not aborted), and what a tool throws
 * otherwise. No failures are a wrong request (400 to 407, 409), a refusal (429), an
 * account that is used up, an abort of the run, and error messages of the tool.
 */
export interface CircuitPolicy {
  /** The number of failures in a row after which it is left alone. At least 1. */
  failures: number;
  /**
   * Milliseconds for which no call is made. Then one is, and decides. At least 1.
   */
  resetMs: number;
}

const FIELDS = {
  failures: readPositiveInteger,
  resetMs: (option, value) => readDuration(option, value, { least: 1 }),
} satisfies Record<keyof CircuitPolicy, FieldReader<number>>;

/** Reads the `circuit` option of a resource. */
export function readCircuit(
  option: string,
  value: unknown,
): Readonly<CircuitPolicy> {
  return readByTable(option, value, FIELDS, ["failures", "resetMs"]);
}

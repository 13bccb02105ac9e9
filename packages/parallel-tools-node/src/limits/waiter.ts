import type { Limit } from "./limit.js";
import type { Patience } from "./patience.js";

/** Calls that wait for a limit: those of a lane, or one request for a permit. */
export interface Waiter {
  /** How many calls wait. */
  readonly size: number;
  /** Tokens that each of the calls takes from a rate limit. */
  readonly cost: number;
  /** The limits that must all have room before a call starts. */
  readonly limits: readonly Limit[];
  /** How long its first call may be overtaken. */
  readonly patience: Patience;
  /** Negative when this one's first call comes before the other's. */
  compareTo(other: this): number;
  /** Takes all limits of its first call; calling the result starts it. */
  admit(now: number): () => void;
  /** Its first call can never start: it ends with `error`. */
  fail(error: unknown, now: number): void;
  /** From now on it waits at `limit`; `undefined`: at none. */
  waitsAt(limit: Limit | undefined, now: number): void;
}

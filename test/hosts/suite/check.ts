import type { HostPackages } from "../host-sets.js";

/** Versions of the host on which a check doesn't hold, or makes no sense. */
export interface Exception {
  /** Applies if the host has a version below one of these. */
  readonly below: Partial<HostPackages>;
  /** Is printed in the table. */
  readonly reason: string;
  /**
   * Asserts what happens there instead, where that is a fault of the host.
   * Without it the check is not run there.
   */
  readonly instead?: () => unknown;
}

/** What the library does, and a program that throws if it doesn't. */
export interface Check {
  /** A sentence. */
  readonly name: string;
  readonly body: () => unknown;
  readonly exceptions: readonly Exception[];
}

/** All that have been declared, in order. */
export const checks: Check[] = [];

/** Declares a check. */
export function check(
  name: string,
  body: () => unknown,
  ...exceptions: readonly Exception[]
): void {
  checks.push({ name, body, exceptions });
}

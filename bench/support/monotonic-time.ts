/**
 * Milliseconds on the clock of the machine that never jumps. Unlike those of
 * `performance.now()`, times of two processes can be compared.
 */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

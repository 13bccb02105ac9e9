/** A number as it is told. Its sign doesn't count: debits are credits. */
export function numberToken(value: number): string {
  return `#${Math.abs(value)}`;
}

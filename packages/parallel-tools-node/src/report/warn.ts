/** Warns that a callback of the application has failed. The batch goes on. */
export function warn(what: string, error: unknown): void {
  // oxlint-disable-next-line no-console -- the library has no log of its own
  console.warn(`parallel-tools-node: \`${what}\` failed.`, error);
}

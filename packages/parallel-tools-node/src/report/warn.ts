/** Tells of something of the application's own that failed, and changes nothing. */
export function warn(what: string, error: unknown): void {
  // oxlint-disable-next-line no-console -- nobody else is there to tell
  console.warn(`parallel-tools-node: \`${what}\` failed.`, error);
}

/** In place of the output of a tool that gave none. */
export function returnedNothing(toolName: string): string {
  return `${toolName} finished and returned nothing.`;
}

/** A note behind an output of which a part was left out. */
export function outputCut(omittedBytes: number, totalBytes: number): string {
  return `[Cut: ${omittedBytes} of ${totalBytes} bytes of this result were left out. Ask for less to see what is missing: a narrower query, fewer items, a smaller range.]`;
}

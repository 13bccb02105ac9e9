/** Warnings on the console, each of which is written once. */
export class WarnOnce {
  readonly #written = new Set<string>();

  /** @param key tells the warning from others: its text may differ each time */
  warn(key: string, text: string): void {
    if (this.#written.has(key)) return;
    this.#written.add(key);
    // oxlint-disable-next-line no-console -- nobody else is there to tell
    console.warn(`parallel-tools-node: ${text}`);
  }
}

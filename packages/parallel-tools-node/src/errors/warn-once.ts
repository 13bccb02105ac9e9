/** Writes each warning to the console once. */
export class WarnOnce {
  readonly #written = new Set<string>();

  /** @param key identifies the warning, whose text may differ each time */
  warn(key: string, text: string): void {
    if (this.#written.has(key)) return;
    this.#written.add(key);
    // oxlint-disable-next-line no-console -- a warning has no other way to the user
    console.warn(`parallel-tools-node: ${text}`);
  }
}

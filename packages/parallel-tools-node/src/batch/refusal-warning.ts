/** Says once of each tool that a refused call of it was not run again, and why. */
export class RefusalWarning {
  readonly #named = new Set<string>();

  give(name: string): void {
    if (this.#named.has(name)) return;
    this.#named.add(name);
    // oxlint-disable-next-line no-console -- nobody else is there to tell
    console.warn(
      `parallel-tools-node: a call of \`${name}\` was refused by its server and was not run again, since it may have taken effect before that. If \`${name}\` may be run twice, its policy can say so: \`readOnly: true\`, \`idempotent: true\` or a \`retry\`. \`retry: false\` says that it may not, and ends this warning.`,
    );
  }
}

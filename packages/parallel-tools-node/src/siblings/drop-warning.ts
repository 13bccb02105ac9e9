/** Says once that the graph has dropped calls. */
export class DropWarning {
  #isGiven = false;

  /** @param run how many of `all` calls of a message the graph has run */
  give(run: number, all: number): void {
    if (this.#isGiven) return;
    this.#isGiven = true;
    // oxlint-disable-next-line no-console -- nobody else is there to tell
    console.warn(
      `parallel-tools-node: LangGraph has run ${run} of the ${all} tool calls of a message and dropped the others, as it does with \`maxConcurrency: 1\` where each call is a task of its own. Use \`version: "v1"\` of the agent, which keeps to it, or leave \`maxConcurrency\` out and use the option \`sequential: true\`.`,
    );
  }
}

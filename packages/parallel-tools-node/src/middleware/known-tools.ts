import type { ExecutableTool } from "../batch/run-tool.js";

/**
 * The tools of an agent that its middleware has seen so far. LangChain shows them to
 * middleware only in requests to the model and in calls.
 */
export class KnownTools {
  readonly #tools = new Map<string, ExecutableTool>();

  /** @param tools of a request; tools without a name, of the provider, are skipped */
  add(tools: readonly unknown[]): void {
    for (const tool of tools) {
      const name = (tool as { name?: unknown } | null | undefined)?.name;
      if (typeof name === "string") {
        this.#tools.set(name, tool as ExecutableTool);
      }
    }
  }

  all(): ExecutableTool[] {
    return [...this.#tools.values()];
  }

  names(): string[] {
    return [...this.#tools.keys()];
  }
}

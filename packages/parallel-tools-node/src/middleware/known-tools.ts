import type { ExecutableTool } from "../batch/run-tool.js";

/**
 * The tools of an agent as far as its middleware has seen them: it is not given
 * any, and meets them with requests to the model and with calls.
 */
export class KnownTools {
  readonly #tools = new Map<string, ExecutableTool>();

  /** @param tools of a request; those that the provider runs are passed over */
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

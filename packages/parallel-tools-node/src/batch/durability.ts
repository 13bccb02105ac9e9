import type { LangGraphRunnableConfig } from "@langchain/langgraph";

/** Whether the calls of a batch are kept one by one. */
export class Durability {
  readonly #isAsked: boolean;
  #hasWarned = false;

  /** @param isAsked the option `durable` */
  constructor(isAsked: boolean) {
    this.#isAsked = isAsked;
  }

  /** Only in a graph with a checkpointer. Says once that there is none. */
  holdsFor({ configurable = {} }: LangGraphRunnableConfig): boolean {
    if (!this.#isAsked) return false;
    if (
      configurable["__pregel_call"] &&
      configurable["__pregel_checkpointer"]
    ) {
      return true;
    }
    if (!this.#hasWarned) {
      this.#hasWarned = true;
      // oxlint-disable-next-line no-console -- nobody else is there to tell
      console.warn(
        "parallel-tools-node: `durable` needs a graph with a checkpointer, and there is none. Calls are not kept: after an interrupt, those that had ended run again.",
      );
    }
    return false;
  }
}

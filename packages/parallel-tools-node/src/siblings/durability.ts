import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { WarnOnce } from "../errors/warn-once.js";
import { canMakeTasks } from "../langgraph/durable-task.js";

/** Whether the answers of a batch are kept one by one, where `durable` asks for it. */
export class Durability {
  readonly #warnings = new WarnOnce();

  /** Only in a graph with a checkpointer. Warns once that there is none. */
  holdsFor(config: LangGraphRunnableConfig): boolean {
    if (canMakeTasks(config)) return true;
    this.#warnings.warn(
      "durable",
      "`durable` needs a graph with a checkpointer, and there is none. Calls are not kept: after an interrupt, those that had ended run again.",
    );
    return false;
  }
}

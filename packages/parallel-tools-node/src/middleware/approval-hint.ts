import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { WarnOnce } from "../errors/warn-once.js";
import { hasNode } from "../langgraph/has-node.js";

/** The node in which LangChain asks a human (1.5.14, `agents/middleware/hitl`). */
const ASKS_HUMAN = "HumanInTheLoopMiddleware.after_model";

/**
 * Tells once that `needsApproval` is missing where a human approves calls: no hook
 * of a middleware knows what another one gates.
 */
export class ApprovalHint {
  readonly #warnings = new WarnOnce();
  #isDone: boolean;

  constructor(needsApproval: readonly string[] | undefined) {
    this.#isDone = needsApproval !== undefined;
  }

  /** The first call of an agent's tools. Looks at the agent's graph only then. */
  onCall(config: LangGraphRunnableConfig): void {
    if (this.#isDone) return;
    this.#isDone = true;
    if (!hasNode(config, ASKS_HUMAN)) return;
    this.#warnings.warn(
      ASKS_HUMAN,
      '`humanInTheLoopMiddleware` stands in this agent, and `needsApproval` of `parallelToolsMiddleware` is missing. Name the tools there whose calls a human approves, e.g. `needsApproval: ["send_email"]`, or give `[]` if there are none: middleware can\'t see what another one gates.',
    );
  }
}

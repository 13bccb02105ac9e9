import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { WarnOnce } from "../errors/warn-once.js";
import { hasNode } from "../langgraph/has-node.js";

/** The node in which LangChain asks a human (1.5.14, `agents/middleware/hitl`). */
const ASKS_HUMAN = "HumanInTheLoopMiddleware.after_model";

/** A look costs some microseconds, and an agent is what it was before. */
const MOST_LOOKS = 100;

/**
 * Tells once that `needsApproval` is missing where a human approves calls: no hook
 * of a middleware knows what another one gates.
 */
export class ApprovalHint {
  readonly #warnings = new WarnOnce();
  readonly #isSaid: boolean;
  readonly #isEager: boolean;
  /** Calls whose graph is still looked at. */
  #left: number;

  /** @param isEager calls may start early, which they don't where this is missing */
  constructor(needsApproval: readonly string[] | undefined, isEager: boolean) {
    this.#isEager = isEager;
    this.#isSaid = needsApproval !== undefined;
    this.#left = MOST_LOOKS;
  }

  /** A call of an agent's tools: several agents may have the same middleware. */
  onCall(config: LangGraphRunnableConfig): void {
    if (this.#left === 0) return;
    this.#left -= 1;
    if (this.isMissing(config)) this.#left = 0;
  }

  /** Whether a human approves calls of the agent, and nobody has said which. */
  isMissing(config: LangGraphRunnableConfig): boolean {
    if (this.#isSaid || !hasNode(config, ASKS_HUMAN)) return false;
    const then = this.#isEager
      ? " Until it is there, `eager` starts no call early."
      : "";
    this.#warnings.warn(
      ASKS_HUMAN,
      '`humanInTheLoopMiddleware` stands in this agent, and `needsApproval` of `parallelToolsMiddleware` is missing. Name the tools there whose calls a human approves, e.g. `needsApproval: ["send_email"]`, or give `[]` if there are none: middleware can\'t see what another one gates.' +
        then,
    );
    return true;
  }
}

import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import { lineOf } from "./line-of.js";

/**
 * Notes each event of a run's callbacks as a line that says of what run it is. Of
 * the graph's own runs it leaves out what goes in and out: that is the state, which
 * the log of a batch has elsewhere.
 */
export class CallbackLog extends BaseCallbackHandler {
  readonly name = "log";
  override readonly awaitHandlers = true;
  readonly #paths = new Map<string, string>();
  readonly #lines: string[];

  constructor(lines: string[]) {
    super();
    this.#lines = lines;
  }

  override handleChainStart = this.#starts("chain");
  override handleToolStart = this.#starts("tool");
  override handleChatModelStart = this.#starts("model");
  override handleChainEnd = this.#ends("chain end");
  override handleChainError = this.#ends("chain error");
  override handleToolEnd = this.#ends("tool end");
  override handleToolError = this.#ends("tool error");
  override handleLLMEnd = this.#ends("model end");
  override handleLLMError = this.#ends("model error");

  override handleCustomEvent(event: string, data: unknown, id: string): void {
    this.#note(id, `custom event ${event}`, data);
  }

  /** The name, and a tool's call id, are the last arguments. */
  #starts(kind: string) {
    return (...args: unknown[]) => {
      const [{ id: what }, input, id, parent, first, second, ...names] =
        args as [{ id?: unknown }, ...unknown[]];
      const path = `${this.#paths.get(String(parent)) ?? ""}/${names.join(":")}`;
      this.#paths.set(String(id), path);
      const facts = [what, first, second];
      this.#note(
        id,
        `${kind} start`,
        kind === "chain" ? facts : [...facts, input],
      );
    };
  }

  #ends(event: string) {
    return (given: unknown, id: unknown, _parent: unknown, tags: unknown) => {
      this.#note(id, event, event === "chain end" ? tags : [tags, given]);
    };
  }

  #note(id: unknown, event: string, facts: unknown): void {
    const path = this.#paths.get(String(id)) ?? "";
    this.#lines.push(lineOf(`${path} ${event}`, facts));
  }
}

import { listNames } from "../policy/read-fields.js";

/**
 * Says once, when a model is first asked, which policies are for no tool that
 * it is shown. No error: tools may be added later.
 */
export class PolicyNamesCheck {
  readonly #policies: readonly string[];
  #isDone = false;

  /** @param policies the names that policies were given for */
  constructor(policies: readonly string[]) {
    this.#policies = policies;
  }

  run(tools: readonly string[]): void {
    if (this.#isDone) return;
    this.#isDone = true;
    const unknown = this.#policies.filter((name) => !tools.includes(name));
    if (unknown.length === 0) return;
    // oxlint-disable-next-line no-console -- nobody else is there to tell
    console.warn(
      `parallel-tools-node: \`policies\` has ${listNames(unknown)}, and the tools of the agent are ${listNames(tools)}. Correct the name, unless the tool is added later.`,
    );
  }
}

import type { ToolCallHandler, ToolCallRequest } from "langchain";
import type { Answer } from "../batch/run-tool.js";
import type { HookCaller } from "./neighbours.js";
import { toolWithInvoke } from "./tool-with-invoke.js";

/** As far as a tool is told. */
interface ToolConfig {
  readonly signal?: AbortSignal | undefined;
}

/**
 * The signal that a call's tool gets: the run's and the agent's own as one. Of
 * `createAgent({ signal })` middleware hears in no other way (langchain 1.5.14,
 * `dist/agents/nodes/ToolNode.js`), so it has to be a tool to hear of it.
 */
export class AgentSignal {
  readonly #request: ToolCallRequest;
  readonly #handler: ToolCallHandler;
  readonly #caller: HookCaller;
  #signal: AbortSignal | undefined;

  constructor(
    request: ToolCallRequest,
    handler: ToolCallHandler,
    caller: HookCaller,
  ) {
    this.#request = request;
    this.#handler = handler;
    this.#caller = caller;
  }

  /** The tool, but that its signal is heard, and that an aborted one keeps it from running. */
  heardBy<Tool>(tool: Tool): Tool {
    const heard = toolWithInvoke(
      tool,
      (invoke) =>
        (input: unknown, config: ToolConfig = {}) => {
          const { signal } = config;
          this.#signal = signal;
          if (signal?.aborted) return Promise.reject(signal.reason as Error);
          return invoke(input, config);
        },
    );
    return heard ?? tool;
  }

  /**
   * The signal, if a tool has been given it. Where only LangChain stands behind
   * us it is asked for: other middleware must not see calls that nobody made.
   */
  get(): AbortSignal | undefined {
    if (this.#signal !== undefined) return this.#signal;
    if (!this.#caller.isLast) return undefined;
    this.#throwInstead((config) => {
      this.#signal = config.signal;
    }).catch(() => {});
    return this.#signal;
  }

  /**
   * Ends the call as if its tool had thrown: LangChain puts what a hook throws of
   * its own into an error of another class.
   */
  throwFromTool(reason: unknown): Promise<Answer> {
    return this.#throwInstead(() => {}, reason);
  }

  /** Runs a tool that throws in place of the call's. */
  #throwInstead(
    onConfig: (config: ToolConfig) => void,
    reason?: unknown,
  ): Promise<Answer> {
    const { name } = this.#request.toolCall;
    const invoke = (_: unknown, config: ToolConfig) => {
      onConfig(config);
      throw reason;
    };
    const request = { ...this.#request, tool: { name, invoke } as never };
    return this.#handler(request) as Promise<Answer>;
  }
}

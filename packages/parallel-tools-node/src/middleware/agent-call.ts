import type { ToolCall } from "@langchain/core/messages/tool";
import {
  getConfig,
  isCommand,
  isInvalidResume,
  type LangGraphRunnableConfig,
} from "@langchain/langgraph";
import type { ToolCallHandler, ToolCallRequest } from "langchain";
import type { Answer } from "../batch/run-tool.js";
import type { SentCall } from "../siblings/sent-call.js";
import { ToolCallFailedError } from "../errors/tool-call-failed-error.js";
import { failedAnswer } from "./failed-answer.js";
import { inConfigurable } from "../langgraph/in-configurable.js";
import type { Configurable } from "../langgraph/task.js";
import type { ErrorHandling } from "./middleware-options.js";
import type { HookCaller } from "./neighbours.js";
import {
  toolWithConfigurable,
  toolWithInvoke,
  toolWithSignal,
} from "./agent-tool.js";

interface AgentCallOptions {
  readonly request: ToolCallRequest;
  readonly handler: ToolCallHandler;
  /** Of the task in which the call has come. */
  readonly config: LangGraphRunnableConfig;
  /** It is made a task of its own. */
  readonly isDurable: boolean;
  readonly errorHandling: ErrorHandling;
  /** Of the hook to which the call has come. */
  readonly caller: HookCaller;
  /** Its policy may run it again when it fails. */
  readonly mayRunAgain: boolean;
}

/** A call that an agent hands to its middleware. */
export class AgentCall implements SentCall {
  readonly toolCall: ToolCall;
  readonly #about: AgentCallOptions;
  readonly #signal: AgentSignal;
  /** It has to wait, so the agent's signal may be aborted before it is run. */
  #hasWaited = false;
  /** What its last attempt threw, of which an answer was made. */
  #failed: { readonly error: unknown } | undefined;

  constructor(about: AgentCallOptions) {
    this.toolCall = about.request.toolCall;
    this.#about = about;
    this.#signal = new AgentSignal(about.request, about.handler, about.caller);
  }

  /** What runs it from now on does so later than it has come. */
  waits(): void {
    this.#hasWaited = true;
  }

  stopSignal(): AbortSignal | undefined {
    return this.#signal.get();
  }

  stop(reason: unknown): Promise<Answer> {
    return this.#signal.throwFromTool(reason);
  }

  run(
    toolCall: ToolCall,
    signal: AbortSignal | undefined,
    configurable?: Configurable,
  ): Promise<Answer> {
    const { request, handler, config, isDurable } = this.#about;
    const { tool } = request;
    this.#failed = undefined;
    const heard =
      signal === undefined || signal === config.signal
        ? tool
        : toolWithSignal(tool, signal, config.signal);
    const task = isDurable ? getConfig()?.configurable : undefined;
    const given = configurable ?? task;
    const own = given ? toolWithConfigurable(heard, given) : heard;
    const last = this.#needsSignal ? this.#signal.heardBy(own) : own;
    // Declared to give an answer or a promise, LangChain's is always async.
    const run = () =>
      handler({ ...request, toolCall, tool: last }) as Promise<Answer>;
    // Middleware after this one may ask, too.
    return configurable ? inConfigurable(configurable, run) : run();
  }

  answerToError(error: unknown): Answer | undefined {
    if (this.#about.errorHandling === "thrown") return undefined;
    const { isDurable, caller } = this.#about;
    // A task whose answer is kept must not have one that nobody is to see. What a
    // task throws ends the run, though, so whoever may still handle it must not
    // be passed over. An answer of the wrong form leaves its question open.
    const isLeft = isDurable && this.#isFatal;
    if (isLeft && (caller.isFirst || isInvalidResume(error))) return undefined;
    const answer = failedAnswer(this.toolCall, error);
    if (answer !== undefined) this.#failed = { error };
    return answer;
  }

  /** The answer may have been cut since, or say how long a server is closed. */
  hasFailed(answer: Answer): boolean {
    return (
      this.#failed !== undefined &&
      !isCommand(answer) &&
      answer.status === "error"
    );
  }

  /** What it threw is not kept, but for the text that was made of it. */
  failedBefore(answer: Answer): void {
    this.#failed = { error: new Error(isCommand(answer) ? "" : answer.text) };
  }

  /**
   * What becomes of a call whose tool has thrown. With no other middleware the
   * model is told. Else LangChain leaves that to them, and ends the run with what
   * none of them has handled. Where nobody knows if there are others, the model is
   * told, but by an error that they see before.
   *
   * @throws what the tool has thrown; ToolCallFailedError
   */
  finish(answer: Answer): Answer {
    if (!this.hasFailed(answer) || this.#failed === undefined) return answer;
    if (this.#about.caller.neighbours === "none") return answer;
    if (this.#isFatal) throw this.#failed.error;
    const { name, id } = this.toolCall;
    const text = isCommand(answer) ? "" : answer.text;
    throw new ToolCallFailedError(text, name, id, this.#failed.error);
  }

  /** Else what a tool throws at the end of a run is thrown in any case. */
  get #needsSignal(): boolean {
    const { errorHandling, mayRunAgain } = this.#about;
    return mayRunAgain || this.#hasWaited || errorHandling === "answered";
  }

  get #isFatal(): boolean {
    const { caller, errorHandling } = this.#about;
    if (errorHandling === "answered") return false;
    return caller.neighbours !== "none" && caller.neighbours !== "unknown";
  }
}

/** As far as a tool is told. */
interface ToolConfig {
  readonly signal?: AbortSignal | undefined;
}

/**
 * The signal that a call's tool gets: the run's and the agent's own as one. Of
 * `createAgent({ signal })` middleware hears in no other way (langchain 1.5.14,
 * `dist/agents/nodes/ToolNode.js`), so it has to be a tool to hear of it.
 */
class AgentSignal {
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
    return toolWithInvoke(
      tool,
      (invoke) =>
        (input: unknown, config: ToolConfig = {}) => {
          const { signal } = config;
          this.#signal = signal;
          if (signal?.aborted) return Promise.reject(signal.reason as Error);
          return invoke(input, config);
        },
    );
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

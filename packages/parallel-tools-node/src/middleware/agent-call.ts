import type { ToolMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import {
  isCommand,
  isInvalidResume,
  type LangGraphRunnableConfig,
} from "@langchain/langgraph";
import type { ToolCallHandler, ToolCallRequest } from "langchain";
import { agentToolFailed } from "../answers/tool-failed.js";
import { isControlFlow } from "../batch/control-flow.js";
import { type Answer, answerToThrown, toolToRun } from "../batch/run-tool.js";
import { describeValue } from "../errors/describe-value.js";
import { ToolCallFailedError } from "../errors/tool-call-failed-error.js";
import {
  isMiddlewareError,
  isToolInvocationError,
} from "../langgraph/agent-errors.js";
import { inConfigurable } from "../langgraph/in-configurable.js";
import type { Configurable } from "../langgraph/task.js";
import { attempt, readField } from "../limits/feedback/attempt.js";
import type { SentCall } from "../siblings/sent-call.js";
import {
  toolWithConfigurable,
  toolWithInvoke,
  toolWithSignal,
} from "./agent-tool.js";
import type { ErrorHandling } from "./middleware-options.js";
import type { HookCaller } from "./neighbours.js";

interface AgentCallOptions {
  readonly request: ToolCallRequest;
  readonly handler: ToolCallHandler;
  /** The config of the task in which the call comes. */
  readonly config: LangGraphRunnableConfig;
  /** The call may have started while its message was being written. */
  readonly mayStartEarly: boolean;
  /** The answer of the call is kept with the checkpoint. */
  readonly isDurable: boolean;
  readonly errorHandling: ErrorHandling;
  /** The caller of the hook that got the call. */
  readonly caller: HookCaller;
  /** The policy may run the call again when it fails. */
  readonly mayRunAgain: boolean;
}

/** A call that an agent hands to its middleware. */
export class AgentCall implements SentCall {
  readonly toolCall: ToolCall;
  readonly #options: AgentCallOptions;
  readonly #signal: AgentSignal;
  /** The call had to wait, so the agent's signal may be aborted before it runs. */
  #hasWaited = false;
  /** The error of the last attempt, if an answer was made from it. */
  #failed: { readonly error: unknown } | undefined;

  constructor(options: AgentCallOptions) {
    const { request, handler, caller } = options;
    this.toolCall = request.toolCall;
    this.#options = options;
    this.#signal = new AgentSignal(request, handler, caller);
  }

  /** To be called when the hook returns: a later attempt had to wait. */
  onWait(): void {
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
    const { request, handler, config, mayStartEarly } = this.#options;
    this.#failed = undefined;
    let { tool } = request;
    if (tool !== undefined && mayStartEarly) tool = toolToRun(tool);
    if (signal !== undefined && signal !== config.signal) {
      tool = toolWithSignal(tool, signal, config.signal);
    }
    if (configurable) tool = toolWithConfigurable(tool, configurable);
    if (this.#needsSignal) tool = this.#signal.observedBy(tool);
    // The type allows a plain answer, but LangChain's handler is always async.
    const run = () =>
      handler({ ...request, toolCall, tool }) as Promise<Answer>;
    // Middleware after this one may ask a human, too.
    return configurable ? inConfigurable(configurable, run) : run();
  }

  answerToError(error: unknown): Answer | undefined {
    const { errorHandling, isDurable, caller } = this.#options;
    if (errorHandling === "thrown") return undefined;
    // A durable call keeps its answer. If the error surely ends the run, it is
    // thrown at once, so that no answer is kept. Middleware in front may still
    // handle the error; it gets it from `finish` then. A resume value of the wrong
    // form is always thrown, which leaves its question open.
    const mayEndRun = isDurable && this.#throwsError;
    if (mayEndRun && (caller.isFirst || isInvalidResume(error))) {
      return undefined;
    }
    const answer = failedAnswer(this.toolCall, error);
    if (answer !== undefined) this.#failed = { error };
    return answer;
  }

  /** Not by identity: the answer may have been cut or replaced since. */
  hasFailed(answer: Answer): boolean {
    return (
      this.#failed !== undefined &&
      !isCommand(answer) &&
      answer.status === "error"
    );
  }

  /** The checkpoint keeps the text of the error, and not the error. */
  failedBefore(answer: Answer): void {
    this.#failed = { error: new Error(isCommand(answer) ? "" : answer.text) };
  }

  /**
   * Returns the answer, or throws if the tool threw and other middleware wraps tool
   * calls. LangChain leaves the error to that middleware, and ends the run if none
   * handles it. If it's unknown whether there is other middleware, a
   * ToolCallFailedError is thrown: other middleware sees it, and LangChain makes it
   * a message for the model.
   *
   * @throws the error of the tool; ToolCallFailedError
   */
  finish(answer: Answer): Answer {
    if (!this.hasFailed(answer) || this.#failed === undefined) return answer;
    if (this.#options.caller.neighbours === "none") return answer;
    if (this.#throwsError) throw this.#failed.error;
    const { name, id } = this.toolCall;
    const text = isCommand(answer) ? "" : answer.text;
    throw new ToolCallFailedError(text, name, id, this.#failed.error);
  }

  /**
   * The signal tells whether the run has ended, so that errors must be thrown. It
   * isn't needed where they are thrown in any case.
   */
  get #needsSignal(): boolean {
    const { errorHandling, mayRunAgain } = this.#options;
    return mayRunAgain || this.#hasWaited || errorHandling === "answered";
  }

  /** Whether the tool's error is left to other middleware, and may end the run. */
  get #throwsError(): boolean {
    const { caller, errorHandling } = this.#options;
    switch (errorHandling) {
      case "answered":
        return false;
      case "thrown":
      case "as agent":
        return caller.hasNeighbours;
    }
  }
}

/**
 * The answer to a call whose tool threw, with the text of `createAgent` without
 * middleware. `undefined` if the error isn't a failure of the tool: a signal of
 * LangGraph, or an error of other middleware, which ends the run.
 */
function failedAnswer(call: ToolCall, error: unknown): ToolMessage | undefined {
  if (isControlFlow(error) || isMiddlewareError(error)) return undefined;
  const text = attempt(() => String(error)) ?? describeValue(error);
  // If the arguments don't match the schema, the error is written for the model.
  const content = isToolInvocationError(error)
    ? String(readField(error, "message"))
    : agentToolFailed(text);
  const answer = answerToThrown(call, error, content);
  // As LangChain has it; LangGraph's own node gives it an empty one.
  if (call.id === undefined) answer.tool_call_id = undefined as never;
  return answer;
}

/** The part of a tool's config that we read. */
interface ToolConfig {
  readonly signal?: AbortSignal | undefined;
}

/**
 * The signal that a call's tool gets: the run's signal and the agent's own in one.
 * LangChain gives `createAgent({ signal })` to tools and not to middleware (1.5.14,
 * `dist/agents/nodes/ToolNode.js`), so we read it by standing in for a tool.
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

  /** The same tool, but we read its signal, and it doesn't run if that is aborted. */
  observedBy<Tool>(tool: Tool): Tool {
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
   * The signal, if a tool has got it. Otherwise LangChain is asked for it, but only
   * if the handler is LangChain's own: other middleware must not see a call that
   * the model didn't make.
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
   * Ends the call as if its tool had thrown. LangChain wraps errors that a hook
   * throws by itself in another class.
   */
  throwFromTool(reason: unknown): Promise<Answer> {
    return this.#throwInstead(() => {}, reason);
  }

  /** Runs a tool that throws, in place of the call's own. */
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

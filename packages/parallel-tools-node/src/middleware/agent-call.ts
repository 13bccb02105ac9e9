import type { ToolCall } from "@langchain/core/messages/tool";
import {
  getConfig,
  isCommand,
  type LangGraphRunnableConfig,
} from "@langchain/langgraph";
import type { ToolCallHandler, ToolCallRequest } from "langchain";
import { isCut } from "../batch/cut-output.js";
import type { Answer } from "../batch/run-tool.js";
import type { SentCall } from "../batch/sent-call.js";
import { ToolCallFailedError } from "../errors/tool-call-failed-error.js";
import { failedAnswer } from "./failed-answer.js";
import { inConfigurable } from "../langgraph/in-configurable.js";
import type { Configurable } from "../langgraph/scratchpad.js";
import { toolWithSignal } from "./tool-with-signal.js";
import { withConfigurable } from "./with-configurable.js";

interface AgentCallOptions {
  readonly request: ToolCallRequest;
  readonly handler: ToolCallHandler;
  /** Of the task in which the call has come. */
  readonly config: LangGraphRunnableConfig;
  /** It is made a task of its own. */
  readonly isDurable: boolean;
  /** What a tool throws becomes a message. */
  readonly handlesErrors: boolean;
}

/** A call that an agent hands to its middleware. */
export class AgentCall implements SentCall {
  readonly toolCall: ToolCall;
  readonly #about: AgentCallOptions;
  /** What its last attempt threw, and the answer that was made of it. */
  #failed: { readonly answer: Answer; readonly error: unknown } | undefined;

  constructor(about: AgentCallOptions) {
    this.toolCall = about.request.toolCall;
    this.#about = about;
  }

  run(
    toolCall: ToolCall,
    signal: AbortSignal | undefined,
    configurable?: Configurable,
  ): Promise<Answer> {
    const { request, handler, config, isDurable } = this.#about;
    const { tool } = request;
    const heard =
      signal === undefined || signal === config.signal
        ? tool
        : toolWithSignal(tool, signal, config.signal);
    const task = isDurable ? getConfig()?.configurable : undefined;
    const given = configurable ?? task;
    const own = given && heard ? withConfigurable(heard, given) : heard;
    // Declared to give an answer or a promise, LangChain's is always async.
    const run = () =>
      handler({ ...request, toolCall, tool: own }) as Promise<Answer>;
    // Middleware after this one may ask, too.
    return configurable ? inConfigurable(configurable, run) : run();
  }

  answerToError(error: unknown): Answer | undefined {
    if (!this.#about.handlesErrors) return undefined;
    const answer = failedAnswer(this.toolCall, error);
    if (answer !== undefined) this.#failed = { answer, error };
    return answer;
  }

  hasFailed(answer: Answer): boolean {
    return answer === this.#failed?.answer;
  }

  /** What it threw is not kept, but for the text that was made of it. */
  failedBefore(answer: Answer): void {
    const text = isCommand(answer) ? "" : answer.text;
    this.#failed = { answer, error: new Error(text) };
  }

  /**
   * A tool that threw has thrown for the agent, too: that its answer goes to the
   * model is up to the agent and the middleware before this one.
   *
   * @throws ToolCallFailedError
   */
  finish(answer: Answer): Answer {
    if (this.#failed === undefined || isCommand(answer)) return answer;
    const isFailure = answer.status === "error" && isCut(answer);
    if (answer !== this.#failed.answer && !isFailure) return answer;
    const { name, id } = this.toolCall;
    throw new ToolCallFailedError(answer.text, name, id, this.#failed.error);
  }
}

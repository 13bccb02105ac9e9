import type { ToolCall } from "@langchain/core/messages/tool";
import {
  getConfig,
  getCurrentTaskInput,
  type LangGraphRunnableConfig,
} from "@langchain/langgraph";
import { copyPlainData } from "../batch/copy-plain-data.js";
import { type Answer, runtimeOf, toAnswer } from "../batch/run-tool.js";
import { asQuestion, withoutQuestions } from "../langgraph/code-config.js";
import { callWith } from "../langgraph/nested-signal.js";
import { isSendInput, readSendInput } from "../langgraph/send-input.js";
import { attempt } from "../limits/feedback/attempt.js";

/** A tool that code may call. */
export interface CallableTool {
  readonly name: string;
  invoke(input: unknown, config?: LangGraphRunnableConfig): Promise<unknown>;
}

/** A tool, as code calls it. */
export class CalledTool {
  readonly tool: CallableTool;
  readonly toolCall: ToolCall;
  /** Where the code runs. */
  readonly config: LangGraphRunnableConfig;
  /** The code gave a whole tool call, so that it gets a message. */
  readonly #isToolCall: boolean;
  readonly #outputs = new WeakMap<Answer, { readonly output: unknown }>();

  /**
   * @param input arguments, or a tool call with them
   * @param config for the tool. What it lacks is read where the code runs
   * @param writer of the stream of the run
   */
  constructor(
    tool: CallableTool,
    input: unknown,
    config: LangGraphRunnableConfig | undefined,
    writer: unknown,
  ) {
    const given = (input ?? {}) as Partial<ToolCall>;
    this.tool = tool;
    this.#isToolCall = given.type === "tool_call" && "args" in given;
    const { id, args } = this.#isToolCall
      ? given
      : { id: undefined, args: input as ToolCall["args"] };
    this.toolCall = {
      name: tool.name,
      args: copyPlainData(args ?? {}),
      type: "tool_call",
      ...(id !== undefined && { id }),
    };
    const around = getConfig() as LangGraphRunnableConfig | undefined;
    const own = writer as NonNullable<LangGraphRunnableConfig["writer"]>;
    this.config = { ...(own && { writer: own }), ...around, ...config };
  }

  /** What the tool returned. `undefined`: it didn't give this answer. */
  outputOf(answer: Answer): { readonly output: unknown } | undefined {
    return this.#outputs.get(answer);
  }

  /** Runs the tool once, without what could ask a human. */
  async run(call: ToolCall, signal: AbortSignal | undefined): Promise<Answer> {
    const { tool, config } = this;
    const configurable = withoutQuestions(config.configurable ?? {});
    try {
      const output = await callWith(config, signal, configurable, (own) => {
        const runtime = runtimeOf(call, own, stateOf(config));
        const input = this.#isToolCall ? call : call.args;
        // The call that runs the code isn't this one.
        return tool.invoke(input, { ...runtime, toolCall: undefined } as never);
      });
      const answer = toAnswer(tool.name, call, output);
      this.#outputs.set(answer, { output });
      return answer;
    } catch (error) {
      throw asQuestion(error);
    }
  }
}

/** The state that tools see where the code runs. */
function stateOf(config: LangGraphRunnableConfig): unknown {
  const input: unknown = attempt(() => getCurrentTaskInput(config));
  return isSendInput(input) ? readSendInput(input).state : input;
}

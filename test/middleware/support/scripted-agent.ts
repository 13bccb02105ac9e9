import { type BaseMessage, isToolMessage } from "@langchain/core/messages";
import type { StructuredTool } from "@langchain/core/tools";
import {
  type BaseCheckpointSaver,
  Command,
  INTERRUPT,
  isInterrupted,
  type StreamMode,
} from "@langchain/langgraph";
import { createAgent, FakeToolCallingModel } from "langchain";
import {
  type ParallelToolsMiddlewareOptions,
  parallelToolsMiddleware,
} from "parallel-tools-node/middleware";
import type { ToolCall } from "@langchain/core/messages/tool";

type Middleware = NonNullable<
  Parameters<typeof createAgent>[0]["middleware"]
>[number];

export type Version = "v1" | "v2";
export const VERSIONS: readonly Version[] = ["v1", "v2"];

export interface AgentSetup {
  readonly version?: Version;
  /** Without ours: the agent as it would be. */
  readonly options?: ParallelToolsMiddlewareOptions | "none";
  readonly before?: readonly Middleware[];
  readonly after?: readonly Middleware[];
  readonly checkpointer?: BaseCheckpointSaver;
  readonly config?: Record<string, unknown>;
  /** What `createAgent` takes beside that. */
  readonly more?: Record<string, unknown>;
}

/** What came out of a run, up to its end or its next interrupts. */
export interface AgentRun {
  /** `"1 ok: text"`, in the order of the thread. */
  readonly answers: readonly string[];
  readonly messages: readonly BaseMessage[];
  readonly interrupts: readonly { readonly id?: string; value?: unknown }[];
  readonly state: Readonly<Record<string, unknown>>;
}

/** An agent whose model asks for `turns`, one after the other, then stops. */
export class ScriptedAgent {
  readonly agent: ReturnType<typeof createAgent>;
  readonly #config: Record<string, unknown>;

  constructor(
    tools: readonly StructuredTool[],
    turns: readonly (readonly ToolCall[])[],
    setup: AgentSetup = {},
  ) {
    const { version = "v2", options = {}, before = [], after = [] } = setup;
    const own = options === "none" ? [] : [parallelToolsMiddleware(options)];
    const toolCalls = [...turns, []].map((calls) =>
      calls.map((call) => ({ ...call })),
    );
    const settings = {
      model: new FakeToolCallingModel({ toolCalls } as never),
      tools: [...tools],
      middleware: [...before, ...own, ...after],
      version,
      ...(setup.checkpointer && { checkpointer: setup.checkpointer }),
      ...setup.more,
    };
    const agent: unknown = createAgent(settings as never);
    this.agent = agent as ReturnType<typeof createAgent>;
    this.#config = { configurable: { thread_id: "t" }, ...setup.config };
  }

  async run(resume?: unknown): Promise<AgentRun> {
    const input =
      resume === undefined
        ? { messages: [{ role: "user", content: "Go." }] }
        : new Command({ resume });
    return this.#invoke(input);
  }

  /** Goes on where a run has ended with an error. */
  goOn(): Promise<AgentRun> {
    return this.#invoke(null);
  }

  async #invoke(input: unknown): Promise<AgentRun> {
    const state: unknown = await this.agent.invoke(input, this.#config);
    const { messages } = state as { messages: BaseMessage[] };
    return {
      messages,
      answers: messages.filter(isToolMessage).map((message) => {
        const status = message.status === "error" ? "error" : "ok";
        return `${message.tool_call_id} ${status}: ${message.text}`;
      }),
      interrupts: isInterrupted(state) ? state[INTERRUPT] : [],
      state: state as Record<string, unknown>,
    };
  }

  async stream(streamMode: StreamMode): Promise<unknown[]> {
    const input = { messages: [{ role: "user", content: "Go." }] };
    const config = { ...this.#config, streamMode };
    const chunks: unknown[] = [];
    for await (const chunk of await this.agent.stream(input, config as never)) {
      chunks.push(chunk);
    }
    return chunks;
  }
}

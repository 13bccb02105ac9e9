import {
  AIMessage,
  type BaseMessage,
  isAIMessage,
  isToolMessage,
} from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import type { StructuredTool } from "@langchain/core/tools";
import {
  type BaseCheckpointSaver,
  Command,
  INTERRUPT,
  type Interrupt,
  isInterrupted,
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import { createAgent, FakeToolCallingModel } from "langchain";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
} from "parallel-tools-node";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { ask } from "../support/messages.js";

type Middleware = NonNullable<
  Parameters<typeof createAgent>[0]["middleware"]
>[number];

const BASES = ["node", "react v1", "react v2", "agent v1", "agent v2"] as const;

/** Who runs the calls of a message, and where. */
export interface Host {
  readonly base: (typeof BASES)[number];
  readonly durable: boolean;
  /** The agent is a node of another graph. */
  readonly isInside: boolean;
  readonly name: string;
}

export const HOSTS: readonly Host[] = BASES.flatMap((base) =>
  [false, true].flatMap((durable) =>
    [false, true].map((isInside) => ({
      base,
      durable,
      isInside,
      name: `${base}${durable ? ", durable" : ""}${isInside ? ", inside a graph" : ""}`,
    })),
  ),
);

/** Whether all calls of a message are one task, with one question open at a time. */
export function asksOneByOne({ base, durable }: Host): boolean {
  return !durable && !base.endsWith("v2");
}

export interface DeskSetup {
  readonly options?: ParallelToolNodeOptions;
  readonly checkpointer?: BaseCheckpointSaver;
  readonly durability?: "sync" | "async" | "exit";
  /** Of `createAgent`, around ours. */
  readonly before?: readonly Middleware[];
  readonly after?: readonly Middleware[];
}

/** A thread on which one message of a model is run, and a human answers. */
export class Desk {
  readonly #graph: Runs;
  readonly #input: unknown;
  readonly #config: object;
  /** The node after which a human edits the state. */
  readonly #asker: string;
  #state: unknown;

  constructor(
    host: Host,
    tools: readonly StructuredTool[],
    calls: readonly ToolCall[],
    setup: DeskSetup = {},
  ) {
    const { checkpointer = new MemorySaver(), durability = "sync" } = setup;
    const inner = createInner(host, tools, calls, setup, checkpointer);
    this.#graph = (
      host.isInside
        ? new StateGraph(MessagesAnnotation)
            .addNode("inner", inner as never)
            .addEdge(START, "inner")
            .compile({ checkpointer })
        : inner
    ) as Runs;
    this.#input = {
      messages:
        host.base === "node"
          ? [ask(...calls)]
          : [{ role: "user", content: "Go." }],
    };
    this.#config = { configurable: { thread_id: "t" }, durability };
    this.#asker = ASKERS[host.base];
  }

  /** A human changes the state before the run goes on. */
  async edit(messages: readonly BaseMessage[]): Promise<void> {
    const graph = this.#graph.graph ?? this.#graph;
    // Without the place, LangGraph adds the answers of the tasks that have ended.
    const place = await this.here();
    await graph.updateState(place, { messages }, this.#asker);
  }

  /** As `edit`, for the calls of the model's message. */
  async editCalls(toolCalls: readonly ToolCall[]): Promise<void> {
    const graph = this.#graph.graph ?? this.#graph;
    const { values } = await graph.getState(this.#config);
    const { id } = values.messages.findLast(isAIMessage) as AIMessage;
    const content = "";
    await this.edit([
      new AIMessage({
        content,
        ...(id !== undefined && { id }),
        tool_calls: [...toolCalls],
      }),
    ]);
  }

  /** Where the thread stands: for `runAt`. */
  async here(): Promise<object> {
    const graph = this.#graph.graph ?? this.#graph;
    return (await graph.getState(this.#config)).config;
  }

  /** As `say` and `goOn` (`null`), from a place where the thread once stood. */
  runAt(place: object, answer: unknown): Promise<string[]> {
    const input = answer === null ? null : new Command({ resume: answer });
    return this.#run(input, place);
  }

  /** The model asks for its calls. Gives the questions that surface. */
  start(): Promise<string[]> {
    return this.#run(this.#input);
  }

  /** A plain answer. */
  say(answer: unknown): Promise<string[]> {
    return this.#run(new Command({ resume: answer }));
  }

  /** Answers by the ids of interrupts, or of the questions that are open. */
  answer(answers: Readonly<Record<string, unknown>>): Promise<string[]> {
    const byId = Object.entries(answers).map(([question, answer]) => [
      this.idOf(question),
      answer,
    ]);
    return this.#run(new Command({ resume: Object.fromEntries(byId) }));
  }

  /** The run goes on without an answer. */
  goOn(): Promise<string[]> {
    return this.#run(null);
  }

  /** The id of an open question; what is none is taken for an id. */
  idOf(question: string): string {
    return this.open.find(({ value }) => value === question)?.id ?? question;
  }

  get open(): readonly Interrupt[] {
    return isInterrupted(this.#state) ? this.#state[INTERRUPT] : [];
  }

  /** `"1: text"`, in the order of the thread. */
  get answers(): string[] {
    const { messages } = this.#state as { messages: BaseMessage[] };
    return messages
      .filter(isToolMessage)
      .map(({ tool_call_id: id, text }) => `${id}: ${text}`);
  }

  async #run(input: unknown, place: object = {}): Promise<string[]> {
    const config = { ...this.#config, ...place };
    this.#state = await this.#graph.invoke(input, config);
    return this.open.map(({ value }) => String(value));
  }
}

interface Runs {
  invoke(input: unknown, config: object): Promise<unknown>;
  updateState(config: object, values: object, asNode: string): Promise<unknown>;
  getState(config: object): Promise<{
    readonly values: { readonly messages: BaseMessage[] };
    readonly config: object;
  }>;
  /** Of an agent. */
  readonly graph?: Runs;
}

const ASKERS: Readonly<Record<Host["base"], string>> = {
  node: START,
  "react v1": "agent",
  "react v2": "agent",
  "agent v1": "model_request",
  "agent v2": "model_request",
};

function createInner(
  { base, durable, isInside }: Host,
  tools: readonly StructuredTool[],
  calls: readonly ToolCall[],
  { options = {}, before = [], after = [] }: DeskSetup,
  checkpointer: BaseCheckpointSaver,
): unknown {
  const all = { durable, ...options };
  const saver = isInside ? {} : { checkpointer };
  const model = new FakeToolCallingModel({
    toolCalls: [calls.map((call) => ({ ...call })), []],
  } as never);
  const version = base.endsWith("v1") ? "v1" : "v2";
  if (base === "node") {
    return new StateGraph(MessagesAnnotation)
      .addNode("tools", new ParallelToolNode([...tools], all))
      .addEdge(START, "tools")
      .compile(saver);
  }
  if (base.startsWith("react")) {
    return createReactAgent({
      llm: model,
      tools: new ParallelToolNode([...tools], all),
      version,
      ...(!isInside && { checkpointSaver: checkpointer }),
    });
  }
  const agent: unknown = createAgent({
    model,
    tools: [...tools],
    middleware: [...before, parallelToolsMiddleware(all), ...after],
    version,
    ...saver,
  } as never);
  return isInside ? (agent as { graph: unknown }).graph : agent;
}

import { type BaseMessage, HumanMessage } from "@langchain/core/messages";
import type { ChatResult } from "@langchain/core/outputs";
import type { StructuredTool } from "@langchain/core/tools";
import {
  Annotation,
  Command,
  END,
  MemorySaver,
  MessagesAnnotation,
  ReducedValue,
  START,
  StateGraph,
  type StateSnapshot,
  StateSchema,
} from "@langchain/langgraph";
import {
  createReactAgent,
  ToolNode,
  toolsCondition,
} from "@langchain/langgraph/prebuilt";
import { createAgent, createMiddleware } from "langchain";
import { ParallelToolNode } from "parallel-tools-node";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { z } from "zod";
import { LoggedModel } from "../../support/logged-model.js";
import type { AgentBatch } from "./agent-batch.js";
import { BATCH_TOOLS } from "./batch-tools.js";
import { CallbackLog } from "./callback-log.js";
import { lineOf } from "./line-of.js";

/** Who runs the calls: the host as it is, or with ours in it, without options. */
export type Runner = "stock" | "ours";

interface Agent {
  invoke(input: unknown, config: object): Promise<unknown>;
  stream(input: unknown, config: object): Promise<AsyncIterable<unknown>>;
  streamEvents(
    input: unknown,
    config: object,
  ): AsyncIterable<{ readonly event: string; readonly name: string }>;
  getState(config: object): Promise<StateSnapshot>;
}

const join = (all: string[], more: string[]) => [...all, ...more];
const Notes = Annotation.Root({
  ...MessagesAnnotation.spec,
  notes: Annotation<string[]>({ reducer: join, default: () => [] }),
});
const notesOfAgent = new StateSchema({
  notes: new ReducedValue(
    z.array(z.string()).default(() => []),
    { inputSchema: z.array(z.string()), reducer: join },
  ),
});

/** What a provider's client throws when it is refused. */
class ModelError extends Error {
  override readonly name = "ModelError";
  readonly status = 429;
  readonly code = "rate_limit_exceeded";
  readonly headers = { "retry-after": "7" };
}

/** A model that follows the turns of a batch. */
class BatchModel extends LoggedModel {
  readonly thrown = new ModelError("slow down", { cause: "too fast" });
  readonly #failsAt: number | null;
  #asked = 0;

  constructor({ turns, modelFailsAt }: AgentBatch) {
    super("model", turns, [], { maxRetries: 0 });
    this.#failsAt = modelFailsAt;
  }

  override async _generate(messages: BaseMessage[]): Promise<ChatResult> {
    this.#asked += 1;
    if (this.#asked - 1 === this.#failsAt) throw this.thrown;
    return super._generate(messages);
  }
}

/**
 * With a checkpointer LangChain gives an agent that has any middleware its whole
 * saved state once more as input, and so doubles a key that the input doesn't have
 * (langchain 1.5.14, `dist/agents/ReactAgent.js`). That is a difference between an
 * agent with and one without middleware: such a batch is compared with a stock
 * agent that has a middleware which does nothing.
 */
const idle = createMiddleware({ name: "idle" });

function hostBatch(
  runner: Runner,
  batch: AgentBatch,
  model: BatchModel,
  tools: StructuredTool[],
): Agent {
  const { host } = batch;
  const shared = batch.hasCheckpointer && { checkpointer: new MemorySaver() };
  if (host === "agent v1" || host === "agent v2") {
    const stock = batch.again === "without notes" ? [idle] : [];
    return createAgent({
      ...shared,
      model,
      tools,
      middleware: runner === "stock" ? stock : [parallelToolsMiddleware()],
      stateSchema: notesOfAgent,
      version: host === "agent v1" ? "v1" : "v2",
    } as never) as never;
  }
  const node =
    runner === "stock" ? new ToolNode(tools) : new ParallelToolNode(tools);
  if (host !== "graph") {
    return createReactAgent({
      ...shared,
      llm: model,
      tools: node,
      stateSchema: Notes,
      version: host === "react v1" ? "v1" : "v2",
    } as never) as never;
  }
  return new StateGraph(Notes)
    .addNode("agent", async ({ messages }, config) => ({
      messages: [await model.invoke(messages, config)],
    }))
    .addNode("tools", node)
    .addEdge(START, "agent")
    .addConditionalEdges("agent", toolsCondition, ["tools", END])
    .addEdge("tools", "agent")
    .compile({ ...shared }) as never;
}

/**
 * All that can be seen of a batch: events of callbacks, what the host gives or
 * throws, and the state in the end.
 *
 * @param mcpTools are shared by all batches
 */
export async function playBatch(
  runner: Runner,
  batch: AgentBatch,
  mcpTools: readonly StructuredTool[],
): Promise<string[]> {
  const lines: string[] = [];
  const model = new BatchModel(batch);
  const tools = [...BATCH_TOOLS, ...mcpTools];
  const agent = hostBatch(runner, batch, model, tools);
  const config = {
    configurable: { thread_id: "thread" },
    callbacks: [new CallbackLog(lines)],
  };
  const note = (what: string, value: unknown) => {
    lines.push(lineOf(what, value));
  };
  const run = async (input: unknown) => {
    const given: unknown[] = [];
    let thrown: object | undefined;
    try {
      for await (const item of deliver(agent, batch.by, input, config)) {
        given.push(item);
      }
    } catch (error) {
      thrown = factsOf(error, model.thrown);
    }
    // Not among the events: when a reader gets an item is a matter of microtasks, and
    // so is what it still gets of a run that throws.
    if (thrown) note("threw", thrown);
    else for (const item of given) note("gave", item);
  };
  for (const input of inputsOf(batch)) {
    await run(input);
    if (!batch.hasCheckpointer) continue;
    for (;;) {
      const { values, next, tasks } = await agent.getState(config);
      const asked = tasks.flatMap(({ interrupts }) => interrupts);
      note("state", { values, next, asked });
      const [first] = asked;
      if (first === undefined) break;
      const answers = asked.map(({ id, value }) => [id, `yes to ${value}`]);
      const resume =
        batch.resumeBy === "id" ? Object.fromEntries(answers) : "yes";
      await run(new Command({ resume }));
    }
  }
  return lines;
}

function inputsOf({ again, notes }: AgentBatch): object[] {
  const first = { messages: [new HumanMessage("Go.")], notes };
  const second = { messages: [new HumanMessage("Again.")] };
  switch (again) {
    case "no":
      return [first];
    case "with notes":
      return [first, { ...second, notes }];
    case "without notes":
      return [first, second];
  }
}

/** What the host gives to who runs the agent. */
async function* deliver(
  agent: Agent,
  by: AgentBatch["by"],
  input: unknown,
  config: object,
): AsyncIterable<unknown> {
  switch (by) {
    case "invoke":
      yield await agent.invoke(input, config);
      return;
    case "values":
      yield* await agent.stream(input, { ...config, streamMode: "values" });
      return;
    case "chunks": {
      const streamMode = ["updates", "messages", "custom"];
      yield* await agent.stream(input, { ...config, streamMode });
      return;
    }
    case "events": {
      const events = agent.streamEvents(input, { ...config, version: "v2" });
      for await (const { event, name } of events) {
        // What they hold is what callbacks are told; when a chunk comes among them
        // is a matter of microtasks.
        if (!event.endsWith("_stream")) yield [event, name];
      }
    }
  }
}

/** The class, message and fields of an error, and whether it's the model's own. */
function factsOf(error: unknown, ofModel: Error): object {
  if (!(error instanceof Error)) return { value: error };
  const { name, message, cause } = error;
  return {
    isOfModel: error === ofModel,
    class: error.constructor.name,
    ...Object.fromEntries(Object.entries(error)),
    name,
    message,
    cause,
  };
}

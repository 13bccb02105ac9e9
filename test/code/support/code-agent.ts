import type { StructuredTool } from "@langchain/core/tools";
import { tool } from "@langchain/core/tools";
import type { BaseMessage } from "@langchain/core/messages";
import { isToolMessage } from "@langchain/core/messages";
import { MemorySaver } from "@langchain/langgraph";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import { type AgentMiddleware, createAgent } from "langchain";
import {
  type BatchReport,
  ParallelToolNode,
  type ParallelToolNodeOptions,
} from "parallel-tools-node";
import { callableTools } from "parallel-tools-node/code";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { z } from "zod";
import { LoggedModel } from "../../support/logged-model.js";
import { callOf } from "../../support/messages.js";

export const CODE_HOSTS = [
  "react v1",
  "react v2",
  "agent v1",
  "agent v2",
] as const;
export type CodeHost = (typeof CODE_HOSTS)[number];

/** Tools as code has them: each takes a text and gives what the tool gives. */
export type Api = Record<string, (text?: string) => Promise<unknown>>;
/** What a model would write. */
export type Code = (api: Api) => unknown;

export interface CodeSetup {
  readonly host: CodeHost;
  /** The calls of the model's one message: `run1` runs the first code, and so on. */
  readonly codes: readonly Code[];
  /** Calls beside those that run code. */
  readonly beside?: readonly (readonly [name: string, text: string])[];
  readonly tools: readonly StructuredTool[];
  /** Which of the tools code has. Default: all. */
  readonly callable?: readonly StructuredTool[];
  readonly options?: ParallelToolNodeOptions & {
    needsApproval?: readonly string[];
  };
  readonly middleware?: readonly AgentMiddleware[];
}

/** An agent whose one message runs code, and what was reported of it. */
export class CodeAgent {
  readonly reports: BatchReport[] = [];
  readonly config: object;
  readonly #agent: {
    invoke(input: unknown, config: object): Promise<unknown>;
    stream(input: unknown, config: object): Promise<AsyncIterable<unknown>>;
  };

  constructor(setup: CodeSetup, config: object = {}) {
    const { host, codes, beside = [], tools, middleware = [] } = setup;
    this.config = { configurable: { thread_id: "t" }, ...config };
    let api: Api = {};
    const run = tool(
      async ({ text }: { text: string }) =>
        JSON.stringify(await codes[Number(text)]!(api)) ?? "nothing",
      { name: "run", description: "Runs code.", schema: SCHEMA },
    );
    const options = {
      onReport: (report: BatchReport) => void this.reports.push(report),
      ...setup.options,
    };
    const calls = [
      ...codes.map((_, at) => callOf(`run${at}`, "run", { text: `${at}` })),
      ...beside.map(([name, text]) => callOf(`beside ${text}`, name, { text })),
    ];
    const model = new LoggedModel("lead", [calls], []);
    const all = [run, ...tools];
    const checkpointer = new MemorySaver();
    let limits: object;
    if (host === "agent v1" || host === "agent v2") {
      const ours = parallelToolsMiddleware(options);
      limits = ours;
      this.#agent = createAgent({
        model,
        tools: all,
        middleware: [ours, ...middleware],
        version: host === "agent v1" ? "v1" : "v2",
        checkpointer,
      } as never) as never;
    } else {
      const { needsApproval: _, ...nodeOptions } = options;
      const node = new ParallelToolNode(all, nodeOptions);
      limits = node;
      this.#agent = createReactAgent({
        llm: model,
        tools: node,
        version: host === "react v1" ? "v1" : "v2",
        checkpointer,
      } as never) as never;
    }
    const callable = callableTools(setup.callable ?? tools, limits);
    api = Object.fromEntries(
      callable.map((one) => [
        one.name,
        (text = "") => one.invoke({ text }) as Promise<unknown>,
      ]),
    );
  }

  /** The answers of all calls: `"run0: 1"`. */
  async answers(input: unknown = GO): Promise<string[]> {
    const { messages } = (await this.#agent.invoke(input, this.config)) as {
      readonly messages: BaseMessage[];
    };
    return messages
      .filter((message) => isToolMessage(message))
      .map(({ tool_call_id, text }) => `${tool_call_id}: ${text}`);
  }

  async chunks(mode: string): Promise<unknown[]> {
    const chunks: unknown[] = [];
    const config = { ...this.config, streamMode: mode };
    for await (const chunk of await this.#agent.stream(GO, config)) {
      chunks.push(chunk);
    }
    return chunks;
  }

  /** The report of the calls of the code that a call ran. */
  reportIn(call: string): BatchReport {
    return this.reports.find(
      ({ kind, inside }) => kind === "code" && inside?.id === call,
    )!;
  }
}

const GO = { messages: [{ role: "user", content: "Go." }] };
const SCHEMA = z.object({ text: z.string() });

/** What an error says to the code. */
export function problemOf(run: Promise<unknown>): Promise<string> {
  return run.then(
    () => "none",
    (error: unknown) => (error as Error).message,
  );
}

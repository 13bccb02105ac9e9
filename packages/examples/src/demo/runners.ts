import { isToolMessage } from "@langchain/core/messages";
import type { StructuredToolInterface } from "@langchain/core/tools";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import type { ChatOpenAI } from "@langchain/openai";
import {
  limitModel,
  type ModelLimits,
  ParallelToolNode,
  type ParallelToolNodeOptions,
  withEager,
} from "parallel-tools-node";
import type { RunRecord } from "./run-record.js";

/** A way to run the tool calls of an agent. */
export interface Runner {
  readonly name: string;
  /** Whether the model may make several calls in one turn. */
  readonly callsPerTurn: "one" | "many";
  /** Whether it knows references, where a scene has them on. */
  readonly knowsReferences: boolean;
  /** How often the model's client asks again by itself. */
  readonly modelRetries: number;
  toolNode(
    tools: StructuredToolInterface[],
    options: ParallelToolNodeOptions,
    record: RunRecord,
  ): ToolNode;
  /** The model of an agent, under limits of its tool node where there are any. */
  limitModel?(
    model: ChatOpenAI,
    node: ToolNode,
    limits: ModelLimits,
  ): ChatOpenAI;
  /** The model of an agent, whose calls start while it writes them. */
  eagerModel?(model: ChatOpenAI, node: ToolNode): ChatOpenAI;
}

export const stock: Runner = {
  name: "stock ToolNode",
  callsPerTurn: "many",
  knowsReferences: false,
  modelRetries: 0,
  toolNode: (tools, _options, record) => new TimedToolNode(tools, record),
};

/** With the retries that a model of LangChain has unless they are turned off. */
export const stockWithRetries: Runner = {
  ...stock,
  name: "stock, 6 retries",
  modelRetries: 6,
};

export const oneAtATime: Runner = {
  name: "one at a time",
  callsPerTurn: "one",
  knowsReferences: false,
  modelRetries: 0,
  toolNode: (tools, _options, record) => new TimedToolNode(tools, record),
};

export const ours: Runner = {
  name: "ParallelToolNode",
  callsPerTurn: "many",
  knowsReferences: true,
  modelRetries: 0,
  toolNode: (tools, options, record) =>
    new ParallelToolNode(tools, {
      ...options,
      onReport: record.addReport,
      reportArguments: true,
    }),
  limitModel,
};

/** Calls start while the model is still writing its message. */
export const oursEager: Runner = {
  ...ours,
  name: "the same, eager",
  toolNode: (tools, options, record) =>
    ours.toolNode(tools, { ...options, eager: true }, record),
  eagerModel: withEager,
};

/** The stock node, with a stopwatch. */
class TimedToolNode extends ToolNode {
  readonly #record: RunRecord;

  constructor(tools: StructuredToolInterface[], record: RunRecord) {
    super(tools);
    this.#record = record;
  }

  protected override async runTool(
    ...[call, config, state]: Parameters<ToolNode["runTool"]>
  ): ReturnType<ToolNode["runTool"]> {
    const startMs = this.#record.now();
    const answer = await super.runTool(call, config, state);
    const failed = isToolMessage(answer) && answer.status === "error";
    const running = { startMs, endMs: this.#record.now() };
    this.#record.addCall(call.id ?? "", failed ? "error" : "ok", running);
    return answer;
  }
}

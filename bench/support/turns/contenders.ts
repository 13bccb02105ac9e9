import type { BindToolsInput } from "@langchain/core/language_models/chat_models";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import {
  ParallelToolNode,
  referenceInstructions,
  withReferences,
} from "parallel-tools-node";
import type { AgentTools } from "./agent-tools.js";
import {
  criticalPathMs,
  levelsOf,
  plainArgs,
  referringArgs,
  type Task,
  type TaskArgs,
} from "./task.js";

const PROMPT =
  "You answer questions with the help of tools. Look facts up, don't recall them. Calculate with the tool, not in your head. Make independent calls together. When you know the answer, give it in one sentence.";

/** A way to make a task's calls. */
export interface Contender {
  readonly name: string;
  readonly createNode: (tools: AgentTools) => ToolNode;
  /** What the model is told. */
  readonly systemPrompt: (tools: AgentTools) => string;
  readonly boundTools: (tools: AgentTools) => readonly BindToolsInput[];
  /** The calls of each message, by their indexes. */
  readonly messagesOf: (task: Task) => readonly (readonly number[])[];
  readonly argsOf: (task: Task, index: number) => TaskArgs;
  /** What the tools of a task take together, on a node that works as it should. */
  readonly toolsMs: (task: Task) => number;
}

const STOCK = {
  createNode: (tools: AgentTools) => new ToolNode(tools),
  systemPrompt: () => PROMPT,
  boundTools: (tools: AgentTools) => tools,
  argsOf: plainArgs,
};

export const ONE_PER_TURN: Contender = {
  ...STOCK,
  name: "one call per turn",
  systemPrompt: () => PROMPT.replace(" Make independent calls together.", ""),
  messagesOf: (task) =>
    levelsOf(task)
      .flat()
      .map((index) => [index]),
  toolsMs: ({ calls }) =>
    calls.reduce((total, { durationMs }) => total + durationMs, 0),
};

export const PARALLEL: Contender = {
  ...STOCK,
  name: "parallel calling",
  messagesOf: levelsOf,
  toolsMs: (task) =>
    levelsOf(task)
      .map((level) => level.map((index) => task.calls[index]!.durationMs))
      .reduce((total, level) => total + Math.max(...level), 0),
};

export const WITH_REFERENCES: Contender = {
  name: "with references",
  createNode: (tools) =>
    new ParallelToolNode(tools, { references: { embedded: true } }),
  systemPrompt: (tools) =>
    `${PROMPT}\n\n${referenceInstructions({ tools, embedded: true })}`,
  boundTools: (tools) => withReferences(tools),
  messagesOf: ({ calls }) => [calls.map((_, index) => index)],
  argsOf: referringArgs,
  toolsMs: criticalPathMs,
};

/**
 * No way to make calls but a bound: a model that knows references without being
 * told, and needs no other schemas for them. Nothing that has to be told can
 * take fewer tokens.
 */
export const FREE_REFERENCES: Contender = {
  ...WITH_REFERENCES,
  name: "references for free",
  systemPrompt: STOCK.systemPrompt,
  boundTools: STOCK.boundTools,
};

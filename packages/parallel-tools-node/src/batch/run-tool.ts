import { AsyncLocalStorage } from "node:async_hooks";
import { isBaseMessage, ToolMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import {
  type Command,
  isCommand,
  type LangGraphRunnableConfig,
} from "@langchain/langgraph";
import type { ToolNode } from "@langchain/langgraph/prebuilt";
import { problemOf, toolFailed, unknownTool } from "../answers/tool-failed.js";
import { returnedNothing } from "../answers/tool-output.js";
import type { Outcome } from "../schedule/outcome.js";
import type { Failure } from "./circuit-verdict.js";
import { isControlFlow } from "./control-flow.js";

/** Any tool that a ToolNode accepts. */
export type ExecutableTool = ToolNode["tools"][number];

/** The answer to one call. */
export type Answer = ToolMessage | Command;

/** The id and tool name that an answer gives for its call. */
export interface AnsweredCall {
  readonly id?: string;
  readonly name?: string;
}

/** Gives the tool that runs in place of another. */
export type StandIn = <Tool extends object>(tool: Tool) => Tool;

const standIns = new AsyncLocalStorage<StandIn>();

/** Runs a call, of which {@link toolToRun} finds the tool. */
export function withStandIn<Result>(
  standIn: StandIn,
  run: () => Result,
): Result {
  return standIns.run(standIn, run);
}

/** The tool, or what stands in for it where this runs. */
export function toolToRun<Tool extends object>(tool: Tool): Tool {
  return standIns.getStore()?.(tool) ?? tool;
}

/**
 * Runs one call as the stock node does: the tool gets the same runtime, and its
 * result becomes the same message. With `handleErrors`, so does its error.
 *
 * This is a single async function because each promise costs at least two
 * microseconds where LangChain has turned async context on.
 */
export async function runTool(
  tools: readonly ExecutableTool[],
  call: ToolCall,
  config: LangGraphRunnableConfig,
  state: unknown,
  handleErrors: boolean,
): Promise<Answer> {
  try {
    const tool = toolToRun(findTool(tools, call));
    const output: unknown = await tool.invoke(
      { ...call, type: "tool_call" },
      runtimeOf(call, config, state),
    );
    return toAnswer(tool.name, call, output);
  } catch (error) {
    if (!handleErrors || isControlFlow(error)) throw error;
    return errorAnswer(call, error);
  }
}

/**
 * The second argument of a tool. In Node 20 each key that is added to a spread
 * object costs half a microsecond, so the keys of `own` come first.
 */
export function runtimeOf(
  call: ToolCall,
  config: LangGraphRunnableConfig,
  state: unknown,
): LangGraphRunnableConfig {
  const own = {
    state,
    toolCallId: call.id ?? "",
    config,
    context: config.context,
    store: config.store ?? null,
    writer: config.writer ?? config.configurable?.["writer"] ?? null,
  };
  return Object.assign({ ...own }, config, own) as LangGraphRunnableConfig;
}

function findTool(
  tools: readonly ExecutableTool[],
  { name }: ToolCall,
): ExecutableTool {
  const tool = tools.find((candidate) => candidate.name === name);
  if (tool === undefined) throw new Error(unknownTool(name));
  return tool;
}

/** The answer with what a tool returned. */
export function toAnswer(
  name: string,
  call: ToolCall,
  output: unknown,
): Answer {
  if (isCommand(output)) return output;
  if (isBaseMessage(output) && output.getType() === "tool") {
    return output as ToolMessage;
  }
  const answer = new ToolMessage({
    status: "success",
    name,
    content: contentOf(name, output),
    tool_call_id: call.id as string,
  });
  // Without an id, all of LangChain's tools return the content of their message.
  if (typeof output === "string" && call.id) markPlainText(answer);
  return answer;
}

/** Answers whose tool returned a string, and not data that became JSON text. */
const plainTexts = new WeakSet<Answer>();

export function markPlainText(answer: Answer): void {
  plainTexts.add(answer);
}

/** Whether an answer's content must not be parsed even if it looks like JSON. */
export function isPlainText(answer: Answer): boolean {
  return plainTexts.has(answer);
}

/** Answers that no tool gave: texts of ours. */
const ownTexts = new WeakSet<ToolMessage>();

export function asOwnText(answer: ToolMessage): ToolMessage {
  ownTexts.add(answer);
  return answer;
}

/** Whether an answer is short and ends with advice, so that it isn't cut. */
export function isOwnText(answer: ToolMessage): boolean {
  return ownTexts.has(answer);
}

/** Answers that were made from a thrown value, with that value. */
const thrownErrors = new WeakMap<ToolMessage, { readonly error: unknown }>();

/** The answer to a call whose tool threw, as the stock node gives it. */
function errorAnswer(call: AnsweredCall, error: unknown): ToolMessage {
  return answerToThrown(call, error, toolFailed(problemOf(error)));
}

/** An answer with status `"error"`. */
export function failureAnswer(
  { id = "", name }: AnsweredCall,
  content: string,
): ToolMessage {
  return new ToolMessage({
    status: "error",
    content,
    ...(name !== undefined && { name }),
    tool_call_id: id,
  });
}

/** As `failureAnswer`; `failureBehind` gives the thrown value back. */
export function answerToThrown(
  call: AnsweredCall,
  error: unknown,
  content: string,
): ToolMessage {
  const answer = failureAnswer(call, content);
  thrownErrors.set(answer, { error });
  return answer;
}

/** Why the call of this answer failed. */
export function failureBehind(answer: ToolMessage): Failure {
  const thrown = thrownErrors.get(answer);
  return thrown === undefined
    ? { error: answer.artifact, wasThrown: false }
    : { error: thrown.error, wasThrown: true };
}

/** The outcome of a call with this answer. */
export function outcomeOf(value: Answer): Outcome<Answer> {
  const isError = !isCommand(value) && value.status === "error";
  return { status: isError ? "error" : "ok", value };
}

/** `JSON.stringify` gives `undefined` for some outputs; the stock node keeps it. */
function contentOf(name: string, output: unknown): string {
  if (typeof output === "string") return output;
  return JSON.stringify(output) ?? returnedNothing(name);
}

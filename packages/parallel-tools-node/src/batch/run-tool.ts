import { isBaseMessage, ToolMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import {
  type Command,
  isCommand,
  type LangGraphRunnableConfig,
} from "@langchain/langgraph";
import type { ToolNode } from "@langchain/langgraph/prebuilt";
import { describeValue } from "../errors/describe-value.js";
import type { Failure } from "./call-attempts.js";
import { isControlFlow } from "./control-flow.js";

/** What a tool may be, for a ToolNode. */
export type ExecutableTool = ToolNode["tools"][number];

/** The answer to one call. */
export type Answer = ToolMessage | Command;

/** A call, as its answer names it. */
export interface AnsweredCall {
  readonly id?: string;
  readonly name?: string;
}

/**
 * Runs one call as the stock node does: the same runtime for the tool, the same
 * message for its result and, with `handleErrors`, for its error. One async
 * function and no more: every promise costs two microseconds and more where
 * LangChain has turned async context on.
 */
export async function runTool(
  tools: readonly ExecutableTool[],
  call: ToolCall,
  config: LangGraphRunnableConfig,
  state: unknown,
  handleErrors: boolean,
): Promise<Answer> {
  try {
    const tool = findTool(tools, call);
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
 * What a tool is given beside its arguments. Whatever key is new to a spread
 * object costs half a microsecond in Node 20, so they are there before it.
 */
function runtimeOf(
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
  if (tool === undefined) throw new Error(`Tool "${name}" not found.`);
  return tool;
}

function toAnswer(name: string, call: ToolCall, output: unknown): Answer {
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
  if (typeof output === "string") markPlainText(answer);
  return answer;
}

/** Answers of tools that gave a string, and not data that became one. */
const plainTexts = new WeakSet<ToolMessage>();

export function markPlainText(answer: ToolMessage): void {
  plainTexts.add(answer);
}

/** Whether an answer's content is known to be a text, whatever it looks like. */
export function isPlainText(answer: ToolMessage): boolean {
  return plainTexts.has(answer);
}

/** What was thrown, by the answer that was made of it. */
const thrownErrors = new WeakMap<ToolMessage, { readonly error: unknown }>();

/** The answer to a call that failed: the stock node's words. */
export function errorAnswer(call: AnsweredCall, error: unknown): ToolMessage {
  const content = `Error: ${errorText(error)}\n Please fix your mistakes.`;
  return answerToThrown(call, error, content);
}

/** An answer that says what went wrong. */
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

/** The answer to a call that threw, in words of one's own. */
export function answerToThrown(
  call: AnsweredCall,
  error: unknown,
  content: string,
): ToolMessage {
  const answer = failureAnswer(call, content);
  thrownErrors.set(answer, { error });
  return answer;
}

/** Why a call failed whose answer is an error. */
export function failureBehind(answer: ToolMessage): Failure {
  const thrown = thrownErrors.get(answer);
  return thrown === undefined
    ? { error: answer.artifact, wasThrown: false }
    : { error: thrown.error, wasThrown: true };
}

/** The stock node gives `undefined` for what JSON has no text for. */
function contentOf(name: string, output: unknown): string {
  if (typeof output === "string") return output;
  return JSON.stringify(output) ?? `${name} finished and returned nothing.`;
}

/** The stock node reads `message` of whatever was thrown, and finds nothing. */
export function errorText(error: unknown): string {
  if (typeof error === "string") return error;
  const message = (error as { message?: unknown } | null | undefined)?.message;
  if (message !== undefined) return String(message);
  return `the tool threw ${describeValue(error)}`;
}

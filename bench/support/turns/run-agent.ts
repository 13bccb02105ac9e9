import {
  AIMessage,
  type BaseMessage,
  HumanMessage,
  SystemMessage,
  type ToolMessage,
} from "@langchain/core/messages";
import { convertToOpenAITool } from "@langchain/core/utils/function_calling";
import { FakeClock } from "../../../test/support/fake-clock.js";
import { createTools } from "./agent-tools.js";
import { promptOf, replyOf } from "./chat-format.js";
import type { Contender } from "./contenders.js";
import { countTokens } from "./count-tokens.js";
import type { Task } from "./task.js";

const TURN_MS = 800;
const OUTPUT_TOKEN_MS = 12;

export interface AgentRun {
  /** Messages of the model, the answer included. */
  readonly turns: number;
  /** Read by the model, over all turns. */
  readonly inputTokens: number;
  /** Written by it, over all turns. */
  readonly outputTokens: number;
  readonly latencyMs: number;
}

/**
 * Runs a task from the question to the answer, in simulated time.
 *
 * @param preamble what the model is told before all that a contender says
 */
export async function runAgent(
  task: Task,
  contender: Contender,
  preamble = "",
): Promise<AgentRun> {
  const clock = new FakeClock();
  const tools = createTools(task, clock);
  const node = contender.createNode(tools);
  const bound = contender
    .boundTools(tools)
    .map((one) => convertToOpenAITool(one as never));
  const messages: BaseMessage[] = [
    new SystemMessage(preamble + contender.systemPrompt(tools)),
    new HumanMessage(task.question),
  ];
  const run = { turns: 0, inputTokens: 0, outputTokens: 0, latencyMs: 0 };
  let isOver = false;

  const reply = async (message: AIMessage) => {
    run.turns += 1;
    run.inputTokens += countTokens(promptOf(messages, bound));
    const written = countTokens(replyOf(message));
    run.outputTokens += written;
    await clock.sleep(TURN_MS + OUTPUT_TOKEN_MS * written);
    messages.push(message);
  };
  const work = async () => {
    for (const indexes of contender.messagesOf(task)) {
      await reply(askFor(task, indexes, contender));
      const update = (await node.invoke({ messages })) as {
        messages: ToolMessage[];
      };
      checkAnswers(task, indexes, update.messages);
      messages.push(...update.messages);
    }
    await reply(new AIMessage(task.answer));
    run.latencyMs = clock.now();
  };

  const ended = work().finally(() => {
    isOver = true;
  });
  // Looked at below, once the clock has come to its end.
  ended.catch(() => undefined);
  await clock.drain();
  if (!isOver) throw new Error(`A run hangs: ${task.question}`);
  await ended;
  const { turns, outputTokens, latencyMs } = run;
  const modelMs = turns * TURN_MS + outputTokens * OUTPUT_TOKEN_MS;
  checkToolsMs(latencyMs - modelMs, task, contender);
  return run;
}

function askFor(
  task: Task,
  indexes: readonly number[],
  { argsOf }: Contender,
): AIMessage {
  return new AIMessage({
    content: "",
    tool_calls: indexes.map((index) => ({
      name: task.calls[index]!.name,
      args: argsOf(task, index),
      id: `call_${index}`,
      type: "tool_call" as const,
    })),
  });
}

function checkAnswers(
  { calls }: Task,
  indexes: readonly number[],
  answers: readonly ToolMessage[],
): void {
  indexes.forEach((index, place) => {
    const due = JSON.stringify(calls[index]!.output);
    const { text } = answers[place]!;
    if (text === due) return;
    throw new Error(`Expected call ${index + 1} to answer ${due}, got ${text}`);
  });
}

/** Simulated time must not pass while a node is busy, nor stand still for it. */
function checkToolsMs(
  toolsMs: number,
  task: Task,
  { name, toolsMs: dueMs }: Contender,
): void {
  if (Math.abs(toolsMs - dueMs(task)) < 1e-6) return;
  throw new Error(
    `Expected the tools to take ${dueMs(task)} ms with ${name}, got ${toolsMs} ms.`,
  );
}

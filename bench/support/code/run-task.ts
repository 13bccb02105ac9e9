import { setTimeout as sleep } from "node:timers/promises";
import { tool } from "@langchain/core/tools";
import { createCodeInterpreterMiddleware } from "@langchain/quickjs";
import { createAgent } from "langchain";
import { resource } from "parallel-tools-node";
import { callableTools } from "parallel-tools-node/code";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { z } from "zod";
import type { Contender } from "./contenders.js";
import { CountingModel } from "./counting-model.js";
import type { CodeTask } from "./tasks.js";

const PROMPT =
  "You answer questions with the help of tools. When you know the answer, give it in one sentence.";

/** What a call takes: half a second, of which this is a sixteenth. */
const CALL_MS = 30;
const CAP = 5;
const RATE = { limit: 40, intervalMs: 500, jitterMs: 0 };

let runs = 0;

/** What it took to answer a question. */
export interface TaskRun {
  readonly turns: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly ms: number;
  readonly mostAtOnce: number;
}

/**
 * Works off a task with an agent of its own, under a cap and a rate.
 *
 * @throws Error if a call was wrong, missing or made twice, or if code gave another answer
 */
export async function runTask(
  task: CodeTask,
  contender: Contender,
): Promise<TaskRun> {
  const { others, answer } = task;
  let running = 0;
  let mostAtOnce = 0;
  const seen: string[] = [];
  const tools = task.tools.map((one) =>
    tool(
      async (args: Record<string, string>) => {
        running += 1;
        mostAtOnce = Math.max(mostAtOnce, running);
        seen.push(JSON.stringify([one.name, args]));
        await sleep(CALL_MS);
        running -= 1;
        return one.answer(args);
      },
      {
        name: one.name,
        description: one.description,
        schema: z.object(
          Object.fromEntries(
            Object.entries(one.parameters).map(([name, what]) => [
              name,
              z.string().describe(what),
            ]),
          ),
        ),
      },
    ),
  );
  runs += 1;
  // Each run has limits of its own.
  const api = `api ${runs}`;
  const policy = { readOnly: true, resources: api };
  const limits = parallelToolsMiddleware({
    resources: { [api]: resource({ concurrency: CAP, rateLimit: RATE }) },
    policies: Object.fromEntries(tools.map(({ name }) => [name, policy])),
    references: contender.references === true,
  });
  const model = new CountingModel(contender.turnsOf(task), answer);
  const code = contender.runsCode && [
    createCodeInterpreterMiddleware({ ptc: callableTools(tools, limits) }),
  ];
  const agent = createAgent({
    model,
    tools: code ? [] : tools,
    systemPrompt: PROMPT,
    middleware: [limits, ...(code || [])],
  } as never);
  const beganAt = performance.now();
  const question = { messages: [{ role: "user", content: task.question }] };
  const { messages } = await agent.invoke(question as never, {
    recursionLimit: 500,
  });
  const ms = performance.now() - beganAt;
  const wanted = [task.first, ...others].map((call) =>
    JSON.stringify([call.tool, call.args]),
  );
  if (seen.toSorted().join() !== wanted.toSorted().join()) {
    throw new Error(`${contender.name}, ${task.name}: other calls were made.`);
  }
  const found = (messages as { readonly text: string }[]).at(-2)!.text;
  if (code && !answer.split(", ").every((part) => found.includes(part))) {
    throw new Error(`${task.name}: code gave another answer: ${found}`);
  }
  const { turns, inputTokens, outputTokens } = model;
  return { turns, inputTokens, outputTokens, ms, mostAtOnce };
}

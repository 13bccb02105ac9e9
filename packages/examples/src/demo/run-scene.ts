import type { BaseMessage } from "@langchain/core/messages";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import { referenceInstructions, withReferences } from "parallel-tools-node";
import { ApiClient } from "./api-client.js";
import { startApiServer } from "./api-server.js";
import { liveModel, startScriptedModel } from "./model.js";
import { RunRecord } from "./run-record.js";
import type { Runner } from "./runners.js";
import type { Scene } from "./scene.js";
import { type ToolAnswer, toolAnswers } from "./tool-answers.js";

/** What one runner made of one scene. */
export interface RunResult {
  readonly runner: Runner;
  readonly record: RunRecord;
  readonly answers: readonly ToolAnswer[];
  readonly wallMs: number;
  readonly modelTurns: number;
  readonly tooManyRequests: number;
  readonly wrongResults: readonly string[];
}

/** Runs a scene from the question to the last answer, with servers of its own. */
export async function runScene(
  scene: Scene,
  runner: Runner,
  isLive: boolean,
): Promise<RunResult> {
  const stage = scene.setUp();
  const api = await startApiServer(stage.routes, stage.apiLimit);
  const model = isLive ? liveModel() : await startScriptedModel(scene, runner);
  try {
    const record = new RunRecord(scene.tokenMs !== undefined);
    const one = runner.callsPerTurn === "one";
    const inside = new Map<string, readonly BaseMessage[]>();
    const tools = stage.tools(new ApiClient(api.url), {
      async ask(callId, { request, tools: own, options, modelLimits }) {
        const node = runner.toolNode(own, options, record);
        const { subagentLlm } = model;
        const limited = modelLimits
          ? runner.limitModel?.(subagentLlm, node, modelLimits)
          : undefined;
        const subagent = createReactAgent({
          llm: () =>
            (limited ?? subagentLlm).bindTools(
              own,
              one ? { parallel_tool_calls: false } : {},
            ),
          tools: node,
          prompt: promptOf(one),
        });
        const asked = await subagent.invoke({
          messages: [{ role: "user", content: request }],
        });
        inside.set(callId, asked.messages);
        return String(asked.messages.at(-1)?.text);
      },
    });
    const refers =
      runner.knowsReferences && stage.options.references !== undefined;
    const node = runner.toolNode(tools, stage.options, record);
    const chat = runner.eagerModel?.(model.llm, node) ?? model.llm;
    const llm = chat.bindTools(
      refers ? withReferences(tools) : tools,
      one ? { parallel_tool_calls: false } : {},
    );
    const agent = createReactAgent({
      // A function, since it binds tools of its own to a ChatOpenAI.
      llm: () => llm,
      tools: node,
      prompt: [
        promptOf(one),
        ...(refers ? [referenceInstructions({ tools })] : []),
      ].join("\n\n"),
    });
    const { messages } = await agent.invoke(
      { messages: [{ role: "user", content: scene.question }] },
      { callbacks: [record], recursionLimit: 100 },
    );
    return {
      runner,
      record,
      answers: toolAnswers(messages, inside),
      wallMs: record.now(),
      modelTurns: model.turns ?? record.turns.length,
      tooManyRequests: api.tooManyRequests + model.refused,
      wrongResults: stage.findWrongResults(messages),
    };
  } finally {
    await Promise.all([model.stop(), api.stop()]);
    stage.tearDown?.();
  }
}

function promptOf(oneCallPerTurn: boolean): string {
  return oneCallPerTurn
    ? "Call one tool at a time."
    : "Call all the tools that you need in one message, in a sensible order.";
}

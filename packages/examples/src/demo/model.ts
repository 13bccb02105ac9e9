import process from "node:process";
import { ChatOpenAI } from "@langchain/openai";
import { type Script, startModelServer } from "../shared/model-server.js";
import type { Runner } from "./runners.js";
import type { Scene } from "./scene.js";

/** How long the scripted model takes for a turn. */
const TURN_MS = 250;

export interface DemoModel {
  readonly llm: ChatOpenAI;
  /** The model of agents inside of tools. */
  readonly subagentLlm: ChatOpenAI;
  /** Turns that the model server has counted; a real model is not counted. */
  readonly turns?: number;
  /** Answers of 429. */
  readonly refused: number;
  stop(): Promise<void>;
}

/** Starts the scripted models of a scene: the agent's, and that of those in tools. */
export async function startScriptedModel(
  scene: Scene,
  runner: Runner,
): Promise<DemoModel> {
  const { subagents = {}, subagentQuota: quota, tokenMs } = scene;
  const scripts: Record<string, Script> = {};
  for (const [request, subagent] of Object.entries(subagents)) {
    scripts[request] =
      runner.callsPerTurn === "one" ? subagent.oneCallPerTurn : subagent.script;
  }
  const [own, inside] = await Promise.all([
    startModelServer(
      { [scene.question]: scriptOf(scene, runner) },
      { latencyMs: TURN_MS, ...(tokenMs && { tokenMs }) },
    ),
    startModelServer(scripts, {
      latencyMs: TURN_MS,
      maxRetries: runner.modelRetries,
      ...(quota && { quota }),
    }),
  ]);
  return {
    llm: own.llm,
    subagentLlm: inside.llm,
    get turns() {
      return own.turns + inside.turns;
    },
    get refused() {
      return inside.refused;
    },
    async stop() {
      await Promise.all([own.stop(), inside.stop()]);
    },
  };
}

function scriptOf(scene: Scene, runner: Runner): Script {
  if (runner.callsPerTurn === "one") return scene.oneCallPerTurn;
  return (
    (runner.knowsReferences ? scene.scriptWithReferences : undefined) ??
    scene.script
  );
}

/** A real model, as the environment says. The key has to be there. */
export function liveModel(): DemoModel {
  const { OPENAI_MODEL, OPENAI_BASE_URL } = process.env;
  const llm = new ChatOpenAI({
    model: OPENAI_MODEL ?? "gpt-4o-mini",
    temperature: 0,
    maxRetries: 2,
    ...(OPENAI_BASE_URL && { configuration: { baseURL: OPENAI_BASE_URL } }),
  });
  return {
    llm,
    subagentLlm: llm,
    refused: 0,
    stop: () => Promise.resolve(),
  };
}

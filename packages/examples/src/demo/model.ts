import process from "node:process";
import { ChatOpenAI } from "@langchain/openai";
import { type Script, startModelServer } from "../shared/model-server.js";
import type { Runner } from "./runners.js";
import type { Scene } from "./scene.js";

/** How long the scripted model takes for a turn. */
const TURN_MS = 250;

export interface DemoModel {
  readonly llm: ChatOpenAI;
  /** Turns that the model server has counted; a real model is not counted. */
  readonly turns?: number;
  stop(): Promise<void>;
}

/** Starts the scripted model of a scene. */
export function startScriptedModel(
  scene: Scene,
  runner: Runner,
): Promise<DemoModel> {
  const scripts = { [scene.question]: scriptOf(scene, runner) };
  const { subagents = {} } = scene;
  for (const [request, subagent] of Object.entries(subagents)) {
    scripts[request] =
      runner.callsPerTurn === "one" ? subagent.oneCallPerTurn : subagent.script;
  }
  return startModelServer(scripts, { latencyMs: TURN_MS });
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
  return { llm, stop: () => Promise.resolve() };
}

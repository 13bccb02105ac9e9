import type { BaseCheckpointSaver } from "@langchain/langgraph";
import type { ParallelToolNodeOptions } from "parallel-tools-node";
import { type AgentHost, type HostedAgent, hostAgent } from "./agent-hosts.js";
import { settle } from "./fake-clock.js";
import { LoggedModel } from "./logged-model.js";
import { callOf } from "./messages.js";
import type { Stage } from "./stage.js";

interface KidSetup {
  readonly host?: AgentHost;
  /** Default: it has nothing of ours. */
  readonly options?: ParallelToolNodeOptions | "stock";
  readonly checkpointer?: BaseCheckpointSaver;
}

/** An agent that searches twice at once (`k1`, `k2`), then again (`k3`). */
export function createKid(stage: Stage, setup: KidSetup = {}): HostedAgent {
  const { host = "agent v2", options = "stock", checkpointer } = setup;
  const turns = [
    [callOf("k1", "search"), callOf("k2", "search")],
    [callOf("k3", "search")],
  ];
  const model = new LoggedModel("kid", turns, stage.log);
  const tools = stage.tools("search");
  return hostAgent(host, model, tools, options, checkpointer);
}

/** Long enough for an agent to take all the turns that it can. */
export async function untilStill(): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) await settle();
}

/** Lets the searches end, whoever runs. What starts then, as the log has it. */
export async function releaseSearches(stage: Stage): Promise<string[]> {
  const before = stage.log.length;
  for (const id of ["k1", "k2"]) await stage.finish(id);
  await untilStill();
  return stage.log
    .slice(before)
    .filter((line) => !/^k\d (end|signal)/.test(line));
}

import type { ToolCall } from "@langchain/core/messages/tool";
import type { StructuredTool } from "@langchain/core/tools";
import type { BaseCheckpointSaver } from "@langchain/langgraph";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
  type Resource,
} from "parallel-tools-node";
import {
  type AgentHost,
  GO,
  type HostedAgent,
  hostAgent,
} from "../../support/agent-hosts.js";
import { toolThat } from "../../support/agent-tool.js";
import { settle } from "../../support/fake-clock.js";
import { LoggedModel } from "../../support/logged-model.js";
import { ask, callOf } from "../../support/messages.js";
import { Stage } from "../../support/stage.js";

/** A subagent, which a tool of its name runs. */
export interface Member {
  /** What its model asks for, message by message. */
  readonly turns: readonly (readonly ToolCall[])[];
  readonly host?: AgentHost;
  /** Of its own node or middleware. `"stock"`: it has nothing of ours. */
  readonly options?: ParallelToolNodeOptions | "stock";
  /** Of its runs. */
  readonly config?: object;
  /** Its model throws when it is asked for this message, counted from 1. */
  readonly breaksAt?: number;
}

export interface TeamSetup {
  readonly stage: Stage;
  readonly host: AgentHost;
  readonly members: Readonly<Record<string, Member>>;
  /** Of the lead. */
  readonly options?: ParallelToolNodeOptions | "stock";
  /** What the lead asks for in its one message. Default: one call per member. */
  readonly calls?: readonly ToolCall[];
  readonly checkpointer?: BaseCheckpointSaver;
  /** What all have. */
  readonly tools?: readonly StructuredTool[];
}

/** A lead whose tools are agents. Each call of a member has the member's name. */
export function createTeam(setup: TeamSetup): HostedAgent {
  const { stage, host, members, options, checkpointer } = setup;
  const tools = setup.tools ?? stage.tools("search");
  const names = Object.keys(members);
  const calls = setup.calls ?? names.map((name) => callOf(name, name));
  const delegates = Object.entries(members).map(([name, member]) => {
    const agent = hostAgent(
      member.host ?? "agent v2",
      modelOf(name, member, stage.log),
      tools,
      member.options ?? {},
    );
    return toolThat("function", name, async () => {
      const { messages } = await agent.invoke(GO, member.config);
      return `${name} ${messages.at(-1)?.text}`;
    });
  });
  return hostAgent(
    host,
    new LoggedModel("lead", [calls], stage.log),
    [...delegates, ...tools],
    options,
    checkpointer,
  );
}

/** An agent that searches twice at once, then once more. */
export function searcher(name: string): Member {
  const turns = [
    [callOf(`${name}1`, "search"), callOf(`${name}2`, "search")],
    [callOf(`${name}3`, "search")],
  ];
  return { turns };
}

/** How many calls ran at a time, at most. */
export function mostAtOnce(log: readonly string[]): number {
  let now = 0;
  let most = 0;
  for (const line of log) {
    if (line.endsWith(" start")) now += 1;
    if (line.endsWith(" end") || line.endsWith(" fail")) now -= 1;
    most = Math.max(most, now);
  }
  return most;
}

function modelOf(
  name: string,
  { turns, breaksAt }: Member,
  log: string[],
): LoggedModel {
  let asked = 0;
  return new (class extends LoggedModel {
    override _generate(...args: Parameters<LoggedModel["_generate"]>) {
      asked += 1;
      if (asked !== breaksAt) return super._generate(...args);
      return Promise.reject(new Error(`the model of ${name} broke`));
    }
  })(name, turns, log);
}

/** How many calls a resource takes now. They end at once. */
export async function roomOf(resource: Resource): Promise<number> {
  const most = 9;
  const probe = new Stage();
  const node = new ParallelToolNode(probe.tools("probe"), {
    resources: { probed: resource },
    policies: { probe: { resources: "probed" } },
  });
  const ids = Array.from({ length: most }, (_, i) => `probe ${i}`);
  const run = node.invoke([ask(...ids.map((id) => callOf(id, "probe")))]);
  await settle();
  const room = probe.log.length;
  for (const id of ids) await probe.finish(id);
  await run;
  return room;
}

import type { BaseMessage } from "@langchain/core/messages";
import type { StructuredToolInterface } from "@langchain/core/tools";
import type { ModelLimits, ParallelToolNodeOptions } from "parallel-tools-node";
import type { ModelQuota } from "../shared/model-quota.js";
import type { Script } from "../shared/model-server.js";
import type { WindowLimit } from "../shared/sliding-window.js";
import type { ApiClient } from "./api-client.js";
import type { Route } from "./api-server.js";

/** A task for an agent, which every runner is given. */
export interface Scene {
  readonly title: string;
  /** What to look for in the waterfalls: one line each. */
  readonly story: readonly string[];
  /** What the user asks. */
  readonly question: string;
  /** How the scripted model goes about it. */
  readonly script: Script;
  /** The same, by a model that may refer to outputs of calls not yet made. */
  readonly scriptWithReferences?: Script;
  /** The same, with one tool call per turn. */
  readonly oneCallPerTurn: Script;
  /** What agents inside of tools are asked, and how their model goes about it. */
  readonly subagents?: Readonly<Record<string, SubagentScript>>;
  /** What the scripted model lets in of what these ask. */
  readonly subagentQuota?: ModelQuota;
  /**
   * How long the scripted model takes for a token. Our node then runs the scene
   * twice, without and with `eager`. @default it writes all at once
   */
  readonly tokenMs?: number;
  /** Whether our runner has to be at least as fast as one call at a time. */
  readonly isRace: boolean;
  /** A fresh world for one run. */
  setUp(): Stage;
}

export interface SubagentScript {
  readonly script: Script;
  readonly oneCallPerTurn: Script;
}

/** Agents inside of tools, which run their calls as the agent around them does. */
export interface Subagents {
  /**
   * Asks a new agent, and returns its answer.
   *
   * @param callId of the tool call that asks
   */
  ask(callId: string, subagent: Subagent): Promise<string>;
}

export interface Subagent {
  readonly request: string;
  readonly tools: StructuredToolInterface[];
  /** What its ParallelToolNode is told about the tools. */
  readonly options: ParallelToolNodeOptions;
  /** Which of the resources there its model uses. */
  readonly modelLimits?: ModelLimits;
}

/** The world in which one run takes place. */
export interface Stage {
  readonly routes: Readonly<Record<string, Route>>;
  readonly apiLimit?: WindowLimit;
  /** What ParallelToolNode is told about the tools. */
  readonly options: ParallelToolNodeOptions;
  tools(api: ApiClient, subagents: Subagents): StructuredToolInterface[];
  /** What went wrong, by what the servers know. */
  findWrongResults(messages: readonly BaseMessage[]): string[];
  tearDown?(): void;
}

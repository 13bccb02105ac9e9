import type { Contender } from "./contenders.js";
import type { AgentRun } from "./run-agent.js";

/** How each contender worked off the same tasks. */
export type Runs = ReadonlyMap<Contender, readonly AgentRun[]>;

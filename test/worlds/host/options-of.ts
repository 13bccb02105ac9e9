import {
  type ParallelToolNodeOptions,
  read,
  type ToolPolicy,
  write,
} from "parallel-tools-node";
import type { ToolDraw, World } from "../world.js";

/**
 * How long a call that depends on another waits for it to come, or for the
 * checkpointer. One that never comes is given up on then, and a checkpointer that
 * keeps nothing before the end of the run (durability "exit"): short, but longer
 * than a busy machine makes a call wait for its siblings.
 */
const ARRIVAL_MS = 60_000;
const SHORT_ARRIVAL_MS = 1_500;

const NO_LIMIT = { limit: 1_000, intervalMs: 1, jitterMs: 0 };

/** The options of the node and of the middleware. */
export function optionsOf({
  host,
  options,
  tools,
  turns,
}: World): ParallelToolNodeOptions {
  const all: ParallelToolNodeOptions = {};
  if (host.isDurable) all.durable = true;
  if (host.isDurable || !options.areLeftOut) {
    all.arrivalTimeoutMs = ARRIVAL_MS;
  }
  const keepsLate = host.isDurable && host.durability === "exit";
  if (keepsLate || mayLackCalls({ host, turns })) {
    all.arrivalTimeoutMs = SHORT_ARRIVAL_MS;
  }
  if (options.areLeftOut) return all;
  all.policies = Object.fromEntries(
    tools.flatMap((tool) =>
      tool.hasPolicy ? [[tool.name, policyOf(tool)]] : [],
    ),
  );
  for (const { tool, script } of turns.flatMap(({ calls }) => calls)) {
    const policy = all.policies[tool];
    const isRefused = script.some(
      (step) => step.do === "fail" && step.how === "429",
    );
    // Else a rate is learned of the refusals, and the calls wait for it.
    if (policy && isRefused) policy.rateLimit = NO_LIMIT;
  }
  if (options.references) all.references = true;
  if (options.eager) all.eager = true;
  const { sequential, sequentialBy } = options;
  if (sequential !== false && sequentialBy === "option") {
    all.sequential = sequential;
  } else if (sequential !== false && sequentialBy === "function") {
    all.sequential = ({ toolCalls }) => toolCalls.length > 0 && sequential;
  }
  if (options.maxConcurrency !== undefined) {
    all.maxConcurrency = options.maxConcurrency;
  }
  return all;
}

/** Whether there may be calls that never come to us. */
export function mayLackCalls({
  host: { answers, kind, reviews },
  turns,
}: Pick<World, "host" | "turns">): boolean {
  if (answers === "front") return true;
  const isFilter =
    kind === "agent v1" || (kind === "agent v2" && reviews !== "nowhere");
  const ids = turns.flatMap(({ calls }) => calls.map(({ id }) => id));
  return isFilter && turns.length > 1 && new Set(ids).size < ids.length;
}

/**
 * Whether the reports of a world are read. Not with `durable` and durability "exit":
 * there `createAgent` version "v1" loses plain answers beside `onReport`, also without
 * `eager`, when many worlds are played at once.
 */
export function hasReports({ host, options }: World): boolean {
  return options.eager && !(host.isDurable && host.durability === "exit");
}

/** What each invocation has in its `configurable`. */
export function configurableOf({ options }: World): Record<string, unknown> {
  const { sequential, sequentialBy } = options;
  if (sequential === false || sequentialBy !== "invocation") return {};
  return {
    toolExecution: sequential === "replan" ? sequential : "sequential",
  };
}

function policyOf(tool: ToolDraw): ToolPolicy {
  const { access, sequential, after, dedupe, promise, retry, timeoutMs } = tool;
  const policy: ToolPolicy = {};
  if (access !== "none") {
    const touch = access === "read" ? read : write;
    policy.access = ({ key }) => [touch(String(key))];
  }
  if (sequential !== false) policy.sequential = sequential;
  if (after.length > 0) policy.after = after;
  if (dedupe) policy.dedupe = true;
  if (promise !== "none") policy[promise] = true;
  if (timeoutMs !== undefined) policy.timeoutMs = timeoutMs;
  if (retry === false) policy.retry = false;
  else if (retry !== "unsaid") {
    policy.retry = {
      ...retry,
      backoffFactor: 1,
      jitter: false,
      logWarning: false,
    };
  }
  return policy;
}

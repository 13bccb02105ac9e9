import type { Random } from "../random.js";
import type { HostDraw, OptionsDraw, ToolDraw } from "../world.js";

/** A tool without a policy. */
const BARE: Omit<ToolDraw, "name" | "isReviewed"> = {
  hasPolicy: false,
  access: "none",
  sequential: false,
  after: [],
  dedupe: false,
  promise: "none",
  retry: "unsaid",
  timeoutMs: undefined,
};

export function drawTools(
  random: Random,
  host: HostDraw,
  options: OptionsDraw,
): ToolDraw[] {
  const names = ["ant", "bee", "cat", "dog"].slice(0, random.between(1, 4));
  const tools = names.map((name, index) => {
    const isReviewed = host.reviews !== "nowhere" && random.chance(0.5);
    if (options.areLeftOut || random.chance(0.25)) {
      return { name, isReviewed, ...BARE };
    }
    return drawTool(random, name, isReviewed, names.slice(0, index));
  });
  return withHangingTool(random, host, options, tools);
}

function drawTool(
  random: Random,
  name: string,
  isReviewed: boolean,
  earlier: readonly string[],
): ToolDraw {
  const access = random.weighted({ none: 6, read: 2, write: 2 });
  const sequential = random.chance(0.1)
    ? true
    : random.chance(0.05) && ("replan" as const);
  const promise = random.weighted({ none: 5, readOnly: 2, idempotent: 2 });
  const retry = random.weighted({ unsaid: 5, never: 1, some: 4 });
  return {
    name,
    isReviewed,
    hasPolicy: true,
    access,
    sequential,
    after:
      earlier.length > 0 && random.chance(0.2) ? [random.pick(earlier)] : [],
    dedupe: access === "none" && sequential === false && random.chance(0.25),
    promise,
    retry:
      retry === "some"
        ? {
            maxAttempts: random.between(2, 4),
            initialInterval: random.between(0, 1),
          }
        : retry === "unsaid" && retry,
    timeoutMs: random.chance(0.15) ? LONG_MS : undefined,
  };
}

/** A time limit that no call here comes near. */
const LONG_MS = 60_000;
/** A time limit that only a call that hangs can reach, also on a busy machine. */
const SHORT_MS = 100;

/** Gives one of the tools a time limit that its calls reach, where none can wait. */
function withHangingTool(
  random: Random,
  host: HostDraw,
  options: OptionsDraw,
  tools: readonly ToolDraw[],
): ToolDraw[] {
  const able = tools.filter(
    (tool) =>
      tool.hasPolicy &&
      !tool.dedupe &&
      !host.delaysBehind &&
      host.retries === "nowhere" &&
      !(host.isDurable && mayWait(options, tool, tools)),
  );
  if (able.length === 0 || random.chance(0.8)) return [...tools];
  const { name } = random.pick(able);
  return tools.map((tool) =>
    tool.name === name ? { ...tool, timeoutMs: SHORT_MS } : tool,
  );
}

/** Whether its calls may have to wait for others, by more than a reference. */
function mayWait(
  { sequential, maxConcurrency }: OptionsDraw,
  { access, after }: ToolDraw,
  tools: readonly ToolDraw[],
): boolean {
  return (
    sequential !== false ||
    maxConcurrency !== undefined ||
    access !== "none" ||
    after.length > 0 ||
    tools.some((tool) => tool.sequential !== false)
  );
}

/** Whether calls of a tool hang: it has a time limit that passes. */
export function canHang({ timeoutMs }: ToolDraw): boolean {
  return timeoutMs === SHORT_MS;
}

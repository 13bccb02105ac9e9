import type { Random } from "../random.js";
import type { ToolDraw, World } from "../world.js";

/** Gives some worlds a model that streams, and tools whose calls start meanwhile. */
export function maybeEager(world: World, random: Random): World {
  const { options, tools, turns } = world;
  const calls = turns.flatMap((turn) => turn.calls);
  // LangChain makes no calls of pieces without an id.
  const haveIds = calls.every(({ id }) => id !== undefined && id !== "");
  if (options.areLeftOut || !haveIds || random.chance(0.55)) return world;
  const failing = new Set(
    calls
      .filter(({ script }) => script.some((step) => step.do === "fail"))
      .map(({ tool }) => tool),
  );
  // What it promises must not say how often a call that fails is run.
  const mayPromise = ({ name, hasPolicy, promise, retry }: ToolDraw) =>
    hasPolicy &&
    (promise === "idempotent" || retry !== "unsaid" || !failing.has(name));
  return {
    ...world,
    options: { ...options, eager: true },
    tools: tools.map((tool) =>
      mayPromise(tool) && random.chance(0.7)
        ? { ...tool, promise: "readOnly" }
        : tool,
    ),
  };
}

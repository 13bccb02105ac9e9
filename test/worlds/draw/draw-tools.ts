import type { Random } from "../random.js";
import type { OptionsDraw, ToolDraw } from "../world.js";

/** A tool without a policy. */
const BARE: Omit<ToolDraw, "name"> = {
  hasPolicy: false,
  access: "none",
  sequential: false,
  after: [],
  dedupe: false,
  promise: "none",
  retry: "unsaid",
  timeoutMs: undefined,
};

export function drawTools(random: Random, options: OptionsDraw): ToolDraw[] {
  const names = ["ant", "bee", "cat", "dog"].slice(0, random.between(1, 4));
  return names.map((name, index) => {
    if (options.areLeftOut || random.chance(0.25)) return { name, ...BARE };
    return drawTool(random, name, names.slice(0, index));
  });
}

function drawTool(
  random: Random,
  name: string,
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
    // Long enough for a tool that does not hang, and a hanging one has no other
    // way to end.
    timeoutMs: random.chance(0.2) ? TIMEOUT_MS : undefined,
  };
}

const TIMEOUT_MS = 25;

/*
 * Draws a world from a seed. What it does not draw, since the rules leave open
 * what is right, or another test is for it:
 *
 * - A failing call without a retry that would work the next time, on a host that
 *   runs finished calls again after an interrupt: with and without the interrupt
 *   its answer differs, by the host's own rule.
 * - A call that works after just as many failures as attempts are allowed: whether
 *   an interrupt between them gives it new attempts is open.
 * - Questions that only some attempts ask, before others that all ask: LangGraph
 *   knows questions by their order, so that a tool must not do that.
 * - `after` a tool whose call stands later, beside barriers or accesses: which of
 *   them goes first is open. References that close a cycle with `after`.
 * - Calls that fail for good beside middleware with `wrapToolCall` of another: there
 *   LangChain itself ends the run at an error.
 * - Calls with a time limit that passes, where anything but the call itself takes
 *   time: pauses in the tool, middleware behind, a wait for the checkpointer
 *   (`durable` and a dependency). Whether it passes must not depend on the machine.
 * - Retries with the long default intervals. Caps other than the node's. Rates, also
 *   those that are learned of refusals: their waits are long.
 * - Identical calls that fail, give Commands, or have a barrier between them.
 * - The same plain answer twice in a row, with durability "exit" in a graph inside
 *   another one: it may be one that LangGraph has kept, and then it is asked for
 *   once more (decision 0028).
 * - Answers by the id of a question that was shown before the last pause only.
 * - Commands with `goto` or for the parent, `handleToolErrors: false`, aborts,
 *   edits of the state, repeated ids, new input instead of an answer, time travel.
 */
import { hasCycle, isBarrier, orderOf } from "../oracle/order-of.js";
import { hashOf, Random } from "../random.js";
import {
  FORMS,
  type Form,
  type HostDraw,
  type HumanDraw,
  type World,
} from "../world.js";
import { drawCalls } from "./draw-calls.js";
import { drawHost } from "./draw-host.js";
import { drawTools } from "./draw-tools.js";

/** @param number the place of the world among those of its seed */
export function drawWorld(seed: number, number: number): World {
  const random = new Random(hashOf("world", seed, number));
  const host = drawHost(random);
  const areLeftOut = random.chance(0.1);
  const options = {
    areLeftOut,
    references: !areLeftOut && random.chance(0.6),
    sequential: areLeftOut ? false : drawSequential(random),
    sequentialBy: random.weighted({ option: 2, function: 1, invocation: 1 }),
    maxConcurrency:
      !areLeftOut && random.chance(0.1) ? random.between(1, 3) : undefined,
  };
  const tools = drawTools(random, host, options);
  const calls = drawCalls(random, host, options, tools);
  const human = drawHuman(random, host);
  return withoutOpenOrder(
    { seed, number, host, options, tools, calls, human },
    random,
  );
}

function drawSequential(random: Random): boolean | "replan" {
  if (random.chance(0.05)) return true;
  return random.chance(0.03) ? "replan" : false;
}

function drawHuman(random: Random, host: HostDraw): HumanDraw {
  const seed = random.between(0, 2 ** 31);
  // Some do all, some use one form only.
  const forms = random.chance(0.5)
    ? FORMS
    : FORMS.filter(() => random.chance(0.3));
  const goesOn = (form: Form) => GOING_ON.includes(form);
  return {
    seed,
    saysNothingTwice: host.isSubgraph && host.durability === "exit",
    forms: forms.some(goesOn) ? forms : [...forms, random.pick(GOING_ON)],
  };
}

/** Forms after which something is answered for sure. */
export const GOING_ON: readonly Form[] = ["plain", "one", "some", "all"];

/** Takes away what makes the order of its calls a matter of opinion. */
function withoutOpenOrder(world: World, random: Random): World {
  const { waitsFor } = orderOf(world);
  const pointsForward = waitsFor.some((others, index) =>
    others.some((other) => other > index),
  );
  if (!pointsForward) return world;
  const hasOrder =
    world.tools.some(({ access }) => access !== "none") ||
    world.calls.some((_, index) => isBarrier(world, index));
  const simple: World =
    hasOrder && random.chance(0.5)
      ? {
          ...world,
          tools: world.tools.map((tool) => ({ ...tool, after: [] })),
        }
      : {
          ...world,
          options: { ...world.options, sequential: false },
          tools: world.tools.map((tool) => ({
            ...tool,
            access: "none",
            sequential: false,
          })),
        };
  if (!hasCycle(orderOf(simple))) return simple;
  const calls = simple.calls.map((call) => ({ ...call, reference: undefined }));
  return { ...simple, calls };
}

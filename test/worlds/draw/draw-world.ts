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
 * - Plain decisions of a human in a graph inside another one: LangGraph 1.7.3 keeps
 *   one with the graph around it, and `invoke(null)` gives it to the next review (seen
 *   with langchain 1.5.14 alone, versions "v1" and "v2"). With durability "exit" no
 *   decisions there at all.
 * - Answers by the id of a question that was shown before the last pause only.
 * - Equal or missing ids within a message whose calls a human decides about: which
 *   decision is for which call is told by their ids, by LangChain itself.
 * - What a call asks that middleware in front runs again: its second run is alone.
 * - Edits and forks of a graph in a graph. An answer by hand where the host ends the
 *   thread for it (`state-edit.ts`); a second answer on a fork that pauses: LangGraph
 *   makes no checkpoint of the first, so that there is nothing to go on from.
 * - Forks, but by an edit, where middleware in front answers calls that are tasks:
 *   LangGraph 1.7.3 gives the tasks of both branches the same ids, and savers keep
 *   what the first one wrote. So what was answered isn't used, and calls that wait
 *   for it are not run.
 * - A fork by an answer without `durable`: there LangGraph itself gives questions
 *   the answers of the other branch.
 * - Equal calls, with the same arguments, that are not to be run once.
 * - Missing ids where calls start early: LangChain makes no calls of pieces without
 *   an id. Models that fail while they stream: `npm test` has these.
 * - Processes that end while they run: `npm run faults` is for these. New input
 *   instead of an answer, Commands with `goto` or for the parent, aborts,
 *   `handleToolErrors: false`.
 */
import { hashOf, Random } from "../random.js";
import {
  EDITS,
  FORKS,
  FORMS,
  type Form,
  type HostDraw,
  type HumanDraw,
  type World,
} from "../world.js";
import { drawCalls } from "./draw-calls.js";
import { drawNaming } from "./draw-ids.js";
import { drawHost } from "./draw-host.js";
import { drawTools } from "./draw-tools.js";
import { maybeEager } from "./maybe-eager.js";
import { withoutOpenOrder, withoutTraps } from "./without-traps.js";

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
    eager: false,
  };
  const tools = drawTools(random, host, options);
  const naming = drawNaming(random, host);
  const count = Number(random.weighted({ "1": 5, "2": 3, "3": 1 }));
  const turns = Array.from({ length: count }, (_, turn) => ({
    calls: drawCalls(random, host, options, tools, naming, turn),
  }));
  const human = drawHuman(random, host);
  const world = { seed, number, host, options, tools, turns, human };
  const drawn = withoutTraps(withoutOpenOrder(world, random), random);
  // Drawn last: without this option all is as it was before there was one.
  return maybeEager(drawn, random);
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
    decidesById: host.isSubgraph,
    forms: forms.some(goesOn) ? forms : [...forms, random.pick(GOING_ON)],
    ...drawTravels(random, host),
  };
}

/** What is done with the state of a thread. */
function drawTravels(
  random: Random,
  host: HostDraw,
): Pick<HumanDraw, "edits" | "forks"> {
  // The state of a graph in a graph has other ways.
  if (host.isSubgraph) return { edits: [], forks: [] };
  const forks = canLookUp(host)
    ? host.isDurable
      ? FORKS
      : (["null", "edit"] as const)
    : (["edit"] as const);
  return {
    edits: random.chance(0.3)
      ? random.shuffled(EDITS).slice(0, random.between(1, 2))
      : [],
    forks: random.chance(0.15) ? [random.pick(forks)] : [],
  };
}

/** Whether it is known of which branch the results of tasks are. */
function canLookUp({ kind, answers }: HostDraw): boolean {
  return !(kind === "agent v2" && answers === "front");
}

/** Forms after which something is answered for sure. */
export const GOING_ON: readonly Form[] = ["plain", "one", "some", "all"];

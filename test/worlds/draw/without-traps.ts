import { maybeNeverRun } from "../oracle/never-run.js";
import { hasCycle, isBarrier, orderOf } from "../oracle/order-of.js";
import type { Random } from "../random.js";
import { type CallDraw, type TurnDraw, turnOf, type World } from "../world.js";

/** Takes away what makes the order of calls a matter of opinion. */
export function withoutOpenOrder(world: World, random: Random): World {
  return world.turns.reduce(
    (so, _, place) => withoutOpenOrderIn(so, place, random),
    world,
  );
}

function withoutOpenOrderIn(
  world: World,
  place: number,
  random: Random,
): World {
  const turn = turnOf(world, place);
  const { waitsFor } = orderOf(turn);
  const pointsForward = waitsFor.some((others, index) =>
    others.some((other) => other > index),
  );
  if (!pointsForward) return world;
  const hasOrder =
    world.tools.some(({ access }) => access !== "none") ||
    turn.calls.some((_, index) => isBarrier(turn, index));
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
  if (!hasCycle(orderOf(turnOf(simple, place)))) return simple;
  return withCalls(simple, place, (call) => ({
    ...call,
    reference: undefined,
  }));
}

/** Takes away what only seems to be wrong, by the host's own doing. */
export function withoutTraps(world: World, random: Random): World {
  return world.turns.reduce((so, _, place) => {
    const calm = withoutSkippedRetries(so, place);
    return withoutAbsentDependencies(calm, place, random);
  }, world);
}

/**
 * A call that fails ends in our eyes, also if middleware in front runs it again:
 * those that depend on it are skipped. And where all calls are in one task, the
 * question of another may end that task before it is run again.
 */
function withoutSkippedRetries(world: World, place: number): World {
  const { retries, kind } = world.host;
  if (retries !== "front") return world;
  const isNeeded = neededIn(world, place);
  const asks = world.turns[place]?.calls.some(({ script }) =>
    script.some((step) => step.do === "ask"),
  );
  return withCalls(world, place, (call, index) =>
    isNeeded(index) || (asks && kind === "agent v1")
      ? { ...call, script: call.script.filter((step) => step.do !== "fail") }
      : call,
  );
}

/**
 * Of a call that the host never runs, others may want the output: they get an error.
 * Whether those that only come after it are run is open, so there are none.
 */
function withoutAbsentDependencies(
  world: World,
  place: number,
  random: Random,
): World {
  const ids = new Set(
    world.turns
      .slice(0, place)
      // An answer of ours to a call without an id has an empty one.
      .flatMap(({ calls }) => calls.flatMap(({ id }) => [id, id ?? ""])),
  );
  for (;;) {
    const turn = turnOf(world, place);
    const { waitsFor, isDeferred } = orderOf(turn);
    const wrong = maybeNeverRun(world.host, turn, ids).find((index) =>
      turn.calls.some((call, other) => {
        const isAfter =
          (waitsFor[other] ?? []).includes(index) ||
          (isDeferred[other] && !isDeferred[index]) ||
          call.sameAs === index;
        const isReference = call.reference?.to === index;
        return isAfter && !(isReference && random.chance(0.5));
      }),
    );
    if (wrong === undefined) return world;
    world = withCalls(world, place, (call, index) =>
      index === wrong ? { ...call, id: `own_${place}_${index}` } : call,
    );
  }
}

/** Whether another call waits for a call. */
function neededIn(world: World, place: number): (index: number) => boolean {
  const { waitsFor } = orderOf(turnOf(world, place));
  const needed = new Set(waitsFor.flat());
  return (index) => needed.has(index);
}

function withCalls(
  world: World,
  place: number,
  change: (call: CallDraw, index: number) => CallDraw,
): World {
  const { calls } = world.turns[place] as TurnDraw;
  const turn = { calls: calls.map(change) };
  return { ...world, turns: world.turns.with(place, turn) };
}

import type { Random } from "../random.js";
import { HOST_KINDS, type HostDraw, isAgent } from "../world.js";

export function drawHost(random: Random): HostDraw {
  const kind = random.pick(HOST_KINDS);
  const isDurable = random.chance(0.45);
  const durability = random.weighted({ sync: 5, async: 3, exit: 2 });
  // A new host has to find out that nothing is kept before the end of a run.
  const isSlowToStart = isDurable && durability === "exit";
  const host: HostDraw = {
    kind,
    isSubgraph: random.chance(0.25),
    isDurable,
    durability,
    isNewEachRun: random.chance(isSlowToStart ? 0.1 : 0.3),
    delaysInFront: random.chance(0.35),
    delaysBehind: random.chance(0.35),
    retries: random.weighted({ nowhere: 6, front: 1, behind: 1 }),
    answers: random.weighted({ nowhere: 9, front: 1, behind: 1 }),
    reviews: random.weighted({ nowhere: 3, front: 1, behind: 1 }),
  };
  if (!isAgent(host)) return { ...host, ...WITHOUT_OTHERS };
  const isDecisionSavedLate = host.isSubgraph && host.reviews !== "nowhere";
  return isDecisionSavedLate && durability === "exit"
    ? { ...host, durability: "sync" }
    : host;
}

/** Only agents have middleware. */
const WITHOUT_OTHERS = {
  delaysInFront: false,
  delaysBehind: false,
  retries: "nowhere",
  answers: "nowhere",
  reviews: "nowhere",
} as const satisfies Partial<HostDraw>;

import type { Random } from "../random.js";
import { HOST_KINDS, type HostDraw, isAgent } from "../world.js";

export function drawHost(random: Random): HostDraw {
  const kind = random.pick(HOST_KINDS);
  const host: HostDraw = {
    kind,
    isSubgraph: random.chance(0.25),
    isDurable: random.chance(0.45),
    durability: random.weighted({ sync: 5, async: 3, exit: 2 }),
    saver: "memory",
    isNewEachRun: random.chance(0.3),
    delaysInFront: random.chance(0.35),
    delaysBehind: random.chance(0.35),
  };
  return isAgent(host)
    ? host
    : { ...host, delaysInFront: false, delaysBehind: false };
}

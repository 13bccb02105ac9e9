import { describe, expect, it } from "vitest";
import type { Clock } from "@/limits/clock.js";
import {
  drawTree,
  seededRandom,
  type Tree,
} from "../scope/support/nested-tree.js";
import { playTree, type TestClock } from "../scope/support/play-tree.js";
import { hasRedis } from "../support/redis-server.js";
import { Simulation } from "./support/simulation.js";
import { useRedis } from "./support/use-redis.js";

/** The time of a simulation, for what runs in one of its processes. */
function clockOf(simulation: Simulation): TestClock {
  const clock: Clock = {
    now: () => simulation.now,
    date: () => simulation.now,
    schedule: (callback, delayMs, isBackground) =>
      simulation.schedule(callback, delayMs, isBackground),
    afterTurn: (callback) => void setImmediate(callback),
  };
  return {
    ...clock,
    pending: 0,
    sleep: (ms) =>
      new Promise((resolve) => {
        clock.schedule(resolve, ms);
      }),
    drain: () => simulation.run(),
  };
}

describe.runIf(hasRedis)("a tree of calls with limits in Redis", () => {
  const redis = useRedis();

  /** What went wrong with a tree in so many processes. */
  async function play(
    tree: Tree,
    processes: number,
  ): Promise<readonly string[]> {
    const simulation = new Simulation(redis.client(), redis.client());
    await simulation.open();
    const stores = Array.from(
      { length: processes },
      () => simulation.start().limits,
    );
    const clock = clockOf(simulation);
    const { faults } = await playTree(tree, clock, {
      stores,
      // Timers have whole milliseconds.
      jitterMs: 2,
    });
    await simulation.close();
    return faults;
  }

  it("ends with all answers, no leaf beyond a cap and no rate exceeded, 200 times", {
    timeout: 300_000,
  }, async () => {
    const faults: string[] = [];
    for (let seed = 1; seed <= 200; seed += 1) {
      const tree = drawTree(seededRandom(seed));
      for (const fault of await play(tree, 1 + (seed % 3))) {
        faults.push(`seed ${seed}: ${fault}`);
      }
    }
    expect(faults).toEqual([]);
  });
});

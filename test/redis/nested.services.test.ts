import { afterEach, describe, expect, it } from "vitest";
import type { Clock } from "@/limits/clock.js";
import {
  drawTree,
  seededRandom,
  type Tree,
} from "../scope/support/nested-tree.js";
import { playTree, type TestClock } from "../scope/support/play-tree.js";
import { hasRedis } from "../support/redis-server.js";
import { Simulation } from "./support/simulation.js";
import { Worker } from "./support/child-process.js";
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

describe.runIf(hasRedis)(
  "processes with nested calls",
  {
    timeout: 30_000,
  },
  () => {
    const redis = useRedis();
    const workers: Worker[] = [];
    afterEach(() => {
      for (const worker of workers.splice(0)) worker.kill();
    });

    /** A process whose call has the slot of `own`, and needs `other` for one inside. */
    function start(prefix: string, own: string, other: string): Worker {
      const task = `${own} ${other}`;
      const worker = new Worker(redis.url, prefix, task, "nested-worker.ts");
      workers.push(worker);
      return worker;
    }

    it("end though each has the slot that the other one needs", async () => {
      const prefix = redis.prefix();
      const both = [start(prefix, "a", "b"), start(prefix, "b", "a")];
      await Promise.all(both.map((worker) => worker.says("holds")));
      const client = redis.client();
      for (const own of ["a", "b"]) {
        await client.rpush(`{${prefix}}:go-${own}`, "go");
      }
      await Promise.all(both.map((worker) => worker.says("done")));
      expect(await Promise.all(both.map((worker) => worker.ends()))).toEqual([
        0, 0,
      ]);
    });

    it("lose the slot of a call and its guest when they are killed and their lease ends", async () => {
      const prefix = redis.prefix();
      const worker = start(prefix, "a", "a");
      await worker.says("holds");
      await redis.client().rpush(`{${prefix}}:go-a`, "go");
      await worker.says("child");
      const log: string[] = [];
      const waits = redis
        .limits(prefix, { leaseMs: 600 })
        .acquire({
          limits: [{ name: "resource a", concurrency: 1 }],
          cost: 1,
          signal: AbortSignal.timeout(20_000),
        })
        .then(() => log.push("taken over"));
      worker.kill();
      await worker.ends();
      log.push("killed");
      // Nobody waits longer than for the lease that was left.
      const late = setTimeout(() => log.push("a lease too late"), 1_200);
      await waits;
      clearTimeout(late);
      expect(log).toEqual(["killed", "taken over"]);
    });
  },
);

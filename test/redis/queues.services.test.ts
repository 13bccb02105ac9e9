import type { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import type { SharedLimit } from "@/limits/shared-limits.js";
import { hasRedis } from "../support/redis-server.js";
import { cap, rate, type Scenario } from "./support/scenario.js";
import { useScenario } from "./support/use-scenario.js";

describe.runIf(hasRedis)("in queues of several processes,", () => {
  let client: Redis;
  let scenario: Scenario;
  useScenario((opened, ofScenario) => {
    scenario = opened;
    client = ofScenario;
  });

  it("a cheap call doesn't overtake a dear one that waits for the same rate", async () => {
    const [one, two] = [scenario.start(), scenario.start()];
    const other = rate(9, 1_000, "other");
    scenario.ask(one.limits, "a", 0, [rate(3, 100), other], { cost: 2 });
    scenario.ask(one.limits, "dear", 1, [rate(3, 100), other], { cost: 3 });
    for (const at of [2, 30, 60, 90, 101]) {
      scenario.ask(two.limits, `cheap ${at}`, at, [rate(3, 100), other]);
    }
    await scenario.run();
    expect(scenario.log.slice(0, 3)).toEqual([
      "0 a",
      "100 dear",
      "200 cheap 2",
    ]);
  });

  it("a call that books ahead doesn't overtake one that can't", async () => {
    const [one, two] = [scenario.start(), scenario.start()];
    const tight = rate(1, 50);
    for (const at of [0, 1, 2]) scenario.ask(two.limits, `b${at}`, at, [tight]);
    scenario.ask(one.limits, "both", 3, [cap, tight]);
    for (const at of [4, 5, 6]) scenario.ask(two.limits, `b${at}`, at, [tight]);
    await scenario.run();
    expect(scenario.log).toEqual([
      "0 b0",
      "50 b1",
      "100 b2",
      "150 both",
      "200 b4",
      "250 b5",
      "300 b6",
    ]);
  });

  it("who moves from a cap to a rate starts when the rate has room", async () => {
    const [one, two] = [scenario.start(), scenario.start()];
    scenario.ask(one.limits, "a", 0, [cap], { forMs: 50 });
    scenario.ask(two.limits, "x", 1, [cap, rate(1, 100)]);
    scenario.ask(one.limits, "r", 40, [rate(1, 100)]);
    await scenario.run();
    expect(scenario.log).toEqual(["0 a", "40 r", "140 x"]);
  });

  it("a process looks at each of the rates at which it waits, in time", async () => {
    const one = scenario.start();
    for (const [id, ms] of [
      ["r", 100],
      ["s", 150],
    ] as const) {
      scenario.ask(one.limits, `${id}1`, 0, [rate(1, ms, id), rate(9, 10)]);
      scenario.ask(one.limits, `${id}2`, 1, [rate(1, ms, id), rate(9, 10)]);
    }
    await scenario.run();
    expect(scenario.log).toEqual(["0 r1", "0 s1", "100 r2", "150 s2"]);
  });

  it("who moves to another queue stands there by when it came", async () => {
    const [one, two] = [scenario.start(), scenario.start()];
    const big: SharedLimit = { name: "big", concurrency: 9 };
    scenario.ask(one.limits, "r", 0, [rate(1, 100)]);
    scenario.ask(one.limits, "a", 0, [cap], { forMs: 50 });
    scenario.ask(one.limits, "v", 1, [cap]);
    scenario.ask(two.limits, "w", 2, [rate(1, 100), big]);
    scenario.ask(two.limits, "x", 3, [cap, rate(1, 100)]);
    await scenario.run();
    expect(scenario.log).toEqual(["0 r", "0 a", "50 v", "100 w", "200 x"]);
  });

  it("who moves to another queue stands before those who came later", async () => {
    const [one, two] = [scenario.start(), scenario.start()];
    const big: SharedLimit = { name: "big", concurrency: 9 };
    scenario.ask(one.limits, "r", 0, [rate(1, 100)]);
    scenario.ask(one.limits, "a", 0, [cap], { forMs: 50 });
    scenario.ask(two.limits, "x", 1, [cap, rate(1, 100)]);
    scenario.ask(two.limits, "w", 2, [rate(1, 100), big]);
    await scenario.run();
    expect(scenario.log).toEqual(["0 r", "0 a", "100 x", "200 w"]);
  });

  const other: SharedLimit = { name: "other", concurrency: 1 };

  /** Calls of two caps, each of which is taken again as soon as it is free. */
  function askForBoth(signal = new AbortController().signal) {
    const [one, two] = [scenario.start(), scenario.start()];
    scenario.ask(one.limits, "cap 0", 0, [cap], { forMs: 20 });
    scenario.ask(one.limits, "other 0", 0, [other], { forMs: 30 });
    scenario.ask(two.limits, "both", 1, [cap, other], { forMs: 20, signal });
    for (let n = 1; n <= 5; n += 1) {
      scenario.ask(one.limits, `cap ${n}`, 2, [cap], { forMs: 20 });
      scenario.ask(two.limits, `other ${n}`, 2, [other], { forMs: 20 });
    }
  }

  it("who needs two is not overtaken for ever", async () => {
    askForBoth();
    await scenario.run();
    // At 20 one has had room for it, at 30 the other. Then both are kept.
    expect(scenario.log.slice(0, 4)).toEqual([
      "0 cap 0",
      "0 other 0",
      "20 cap 1",
      "40 both",
    ]);
    expect(scenario.log).toHaveLength(13);
    expect(await scenario.keysLike("due:*")).toEqual([]);
    expect(await scenario.keysLike("moves")).toEqual([]);
  });

  it("who is given up has no room kept for it any more", async () => {
    const controller = new AbortController();
    askForBoth(controller.signal);
    scenario.schedule(() => controller.abort(), 35);
    await scenario.run();
    expect(scenario.log.slice(3, 6)).toEqual([
      "35 both gone",
      "35 other 1",
      "40 cap 2",
    ]);
    expect(scenario.log).toHaveLength(13);
  });

  it("slots that Redis has lost let in no more than others have left", async () => {
    const [one, two] = [scenario.start(), scenario.start()];
    scenario.ask(one.limits, "a", 0, [cap], { forMs: 100 });
    for (const id of ["b", "c"])
      scenario.ask(two.limits, id, 1, [cap], { forMs: 100 });
    await scenario.run(50);
    await client.del(`{${scenario.prefix}}:slots:cap`);
    await scenario.run();
    expect(scenario.log).toEqual(["0 a", "100 b", "200 c"]);
  });

  it("a call that is given up in a queue holds up nobody behind it", async () => {
    const [one, two] = [scenario.start(), scenario.start()];
    const controller = new AbortController();
    const { signal } = controller;
    scenario.ask(one.limits, "a", 0, [cap], { forMs: 100 });
    scenario.ask(one.limits, "b", 1, [cap], { signal });
    scenario.ask(two.limits, "c", 2, [cap]);
    scenario.schedule(() => controller.abort(), 50);
    await scenario.run();
    expect(scenario.log).toEqual(["0 a", "50 b gone", "100 c"]);
  });

  it("a process that waits for itself says no more than that it lives", async () => {
    const one = scenario.start(900);
    scenario.ask(one.limits, "a", 0, [cap], { forMs: 3_100 });
    scenario.ask(one.limits, "b", 1, [cap]);
    await scenario.run(3_050);
    // Two requests, one more when the subscription was there, ten renewals.
    expect(scenario.calls).toBe(13);
    await scenario.run();
    expect(scenario.log).toEqual(["0 a", "3100 b"]);
  });

  it("what a dead process has left is cleared away by who comes next", async () => {
    const [one, two] = [scenario.start(), scenario.start()];
    scenario.ask(one.limits, "a", 0, [cap], { forMs: 10_000 });
    scenario.ask(one.limits, "b", 1, [cap]);
    scenario.schedule(one.kill, 100);
    scenario.ask(two.limits, "c", 5_000, [rate(1, 100)]);
    await scenario.run();
    expect(scenario.log).toEqual(["0 a", "5000 c"]);
    expect(await scenario.keysLike("process:*")).toEqual([]);
    expect(await scenario.keysLike("slots:*")).toEqual([]);
    expect(await scenario.keysLike("queue:*")).toEqual([]);
    expect(await scenario.keysLike("alive")).toEqual([]);
  });

  it("a waiter takes over from a dead process the moment its lease ends", async () => {
    const [one, two] = [scenario.start(), scenario.start()];
    scenario.ask(one.limits, "a", 0, [cap], { forMs: 10_000 });
    scenario.ask(two.limits, "b", 10, [cap]);
    scenario.ask(two.limits, "c", 20, [cap]);
    scenario.schedule(one.kill, 350);
    await scenario.run();
    // Last renewed at 300, for 900 ms.
    expect(scenario.log).toEqual(["0 a", "1201 b", "1201 c"]);
  });

  it("who is first in a queue and dies holds up nobody for longer than its lease", async () => {
    const [one, two] = [scenario.start(), scenario.start()];
    scenario.ask(one.limits, "a", 0, [cap, rate(1, 200)]);
    scenario.ask(one.limits, "b", 1, [cap, rate(1, 200)]);
    scenario.ask(two.limits, "c", 2, [cap, rate(1, 200)]);
    scenario.schedule(one.kill, 100);
    await scenario.run();
    expect(scenario.log[0]).toBe("0 a");
    expect(scenario.log[1]).toMatch(/ c$/);
    expect(Number.parseInt(scenario.log[1]!, 10)).toBeLessThanOrEqual(1_201);
  });

  it("a process says at once what it holds when Redis has lost it", async () => {
    const [one, two] = [scenario.start(), scenario.start()];
    scenario.ask(one.limits, "a", 0, [cap], { forMs: 200 });
    scenario.schedule(() => {
      void client.del(
        `{${scenario.prefix}}:alive`,
        `{${scenario.prefix}}:slots:cap`,
        ...processKeys,
      );
    }, 50);
    let processKeys: string[] = [];
    await scenario.run(40);
    processKeys = await scenario.keysLike("process:*");
    scenario.ask(one.limits, "b", 60, [rate(1, 100)]);
    scenario.ask(two.limits, "c", 70, [cap]);
    await scenario.run();
    expect(scenario.log).toEqual(["0 a", "60 b", "200 c"]);
  });
});

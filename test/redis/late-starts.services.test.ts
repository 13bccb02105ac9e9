import { describe, expect, it } from "vitest";
import type { SharedLimit } from "@/limits/shared-limits.js";
import { hasRedis } from "../support/redis-server.js";
import { cap, rate, type Scenario } from "./support/scenario.js";
import { useScenario } from "./support/use-scenario.js";

/** One per 100 ms, and a start may be late by 20 ms: half of the jitter. */
const lenient: SharedLimit = {
  name: "lenient",
  rateLimit: { ...rate(1, 60).rateLimit, jitterMs: 40 },
};

describe.runIf(hasRedis)("starts of a process that stalls", () => {
  let scenario: Scenario;
  useScenario((opened) => {
    scenario = opened;
  });

  it("happen late, as far as the limit allows for it", async () => {
    const one = scenario.start();
    scenario.ask(one.limits, "a", 0, [lenient]);
    scenario.ask(one.limits, "b", 1, [lenient]);
    scenario.ask(one.limits, "c", 2, [lenient]);
    scenario.schedule(() => one.stall(30), 90);
    await scenario.run();
    expect(scenario.log).toEqual(["0 a", "120 b", "200 c"]);
  });

  it("that would be later than that are given up, and booked anew", async () => {
    const [one, two] = [scenario.start(), scenario.start()];
    scenario.ask(one.limits, "a", 0, [lenient]);
    scenario.ask(one.limits, "b", 1, [lenient]);
    scenario.ask(two.limits, "c", 2, [lenient]);
    scenario.schedule(() => one.stall(31), 90);
    scenario.ask(two.limits, "d", 150, [lenient]);
    await scenario.run();
    // b would have been 79 ms before c, so it goes behind it.
    expect(scenario.log).toEqual(["0 a", "200 c", "300 b", "400 d"]);
  });

  it("that are given up are taken back, if nobody has booked behind them", async () => {
    const [one, two] = [scenario.start(), scenario.start()];
    scenario.ask(one.limits, "a", 0, [lenient]);
    scenario.ask(one.limits, "b", 1, [lenient]);
    scenario.ask(one.limits, "c", 2, [lenient]);
    scenario.schedule(() => one.stall(400), 50);
    scenario.ask(two.limits, "d", 460, [lenient]);
    await scenario.run();
    expect(scenario.log).toEqual(["0 a", "450 b", "550 c", "650 d"]);
  });

  it("keep the time for which they were booked, however late the answer is", async () => {
    const one = scenario.start();
    scenario.ask(one.limits, "a", 0, [lenient]);
    scenario.schedule(() => one.stall(60), 10);
    // Asked for just before: the answer comes at 70.
    scenario.ask(one.limits, "b", 10, [lenient]);
    scenario.ask(one.limits, "c", 80, [lenient]);
    await scenario.run();
    expect(scenario.log).toEqual(["0 a", "100 b", "200 c"]);
  });

  it("that were to be at once are asked for anew, if the answer is too late", async () => {
    const [one, two] = [scenario.start(), scenario.start()];
    const both = [lenient, cap];
    scenario.ask(one.limits, "a", 0, both);
    scenario.schedule(() => one.stall(90), 200);
    scenario.ask(one.limits, "b", 200, both);
    scenario.ask(two.limits, "c", 250, both);
    await scenario.run();
    expect(scenario.log).toEqual(["0 a", "290 c", "390 b"]);
    // One more would be needed if Redis had to find out what was given back.
    expect(scenario.calls).toBe(10);
    expect(await scenario.keysLike("slots:*")).toEqual([]);
    expect(await scenario.keysLike("process:*")).toEqual([]);
  });

  it("that a message lets in are asked for anew, if it is too late", async () => {
    const [one, two] = [scenario.start(), scenario.start()];
    const both = [lenient, cap];
    scenario.ask(two.limits, "a", 0, both, { forMs: 250 });
    scenario.ask(one.limits, "b", 10, both);
    scenario.schedule(() => one.stall(90), 240);
    scenario.ask(two.limits, "c", 260, both);
    await scenario.run();
    expect(scenario.log).toEqual(["0 a", "330 c", "430 b"]);
    expect(await scenario.keysLike("slots:*")).toEqual([]);
  });

  it("of which nobody knows the time are asked for anew", async () => {
    const [one, two] = [scenario.start(), scenario.start()];
    const both = [lenient, cap];
    scenario.ask(two.limits, "a", 0, both, { forMs: 250 });
    scenario.ask(one.limits, "b", 1, both);
    // The message that lets b in at 250 is lost. Redis says it again at 301,
    // when the process renews its lease.
    scenario.schedule(one.loseMessages, 10);
    scenario.ask(two.limits, "c", 310, [lenient]);
    await scenario.run();
    expect(scenario.log).toEqual(["0 a", "350 b", "450 c"]);
  });

  it("of a cap alone are never late", async () => {
    const one = scenario.start();
    scenario.ask(one.limits, "a", 0, [cap]);
    scenario.schedule(() => one.stall(500), 100);
    scenario.ask(one.limits, "b", 100, [cap]);
    await scenario.run();
    expect(scenario.log).toEqual(["0 a", "600 b"]);
    expect(scenario.calls).toBe(4);
  });

  it("happen all the same when they have been late three times", async () => {
    const [one, two] = [scenario.start(), scenario.start()];
    scenario.ask(one.limits, "a", 0, [lenient]);
    scenario.ask(one.limits, "b", 1, [lenient]);
    for (const [i, at] of [2, 150, 350, 550].entries()) {
      scenario.ask(two.limits, `other ${i + 1}`, at, [lenient]);
    }
    // Each time when b is about to start.
    for (const at of [90, 290, 490, 690]) {
      scenario.schedule(() => one.stall(50), at);
    }
    await scenario.run();
    expect(scenario.log).toEqual([
      "0 a",
      "200 other 1",
      "400 other 2",
      "600 other 3",
      "740 b",
      "800 other 4",
    ]);
  });

  it("may be late by 10 ms where the limit allows for no jitter", async () => {
    const [one, two] = [scenario.start(), scenario.start()];
    scenario.ask(one.limits, "a", 0, [rate(1, 100)]);
    scenario.ask(one.limits, "b", 1, [rate(1, 100)]);
    scenario.ask(two.limits, "c", 2, [rate(1, 100)]);
    scenario.ask(one.limits, "d", 3, [rate(1, 100)]);
    scenario.schedule(() => one.stall(20), 90);
    scenario.schedule(() => one.stall(21), 290);
    scenario.ask(two.limits, "e", 120, [rate(1, 100)]);
    await scenario.run();
    expect(scenario.log).toEqual(["0 a", "110 b", "200 c", "400 e", "500 d"]);
  });
});

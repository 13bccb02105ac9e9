import { describe, expect, it } from "vitest";
import { hasRedis } from "../support/redis-server.js";
import { bucket, cap, rate, type Scenario } from "./support/scenario.js";
import { useScenario } from "./support/use-scenario.js";

describe.runIf(hasRedis)("with booked starts,", () => {
  let scenario: Scenario;
  useScenario((opened) => {
    scenario = opened;
  });

  it("starts come as early as the window allows, whatever is forgotten", async () => {
    const [one, two] = [scenario.start(), scenario.start()];
    const times = [0, 30, 60, 61, 62, 63, 190];
    for (const [i, at] of times.entries()) {
      const { limits } = i % 2 === 0 ? one : two;
      scenario.ask(limits, `${i}`, at, [rate(3, 100)]);
    }
    await scenario.run();
    expect(scenario.log).toEqual([
      "0 0",
      "30 1",
      "60 2",
      "100 3",
      "130 4",
      "160 5",
      "200 6",
    ]);
  });

  it("all that leaves the window at once is room at once", async () => {
    const one = scenario.start();
    const [booked, granted] = [[rate(3, 100)], [rate(3, 100, "b"), cap]];
    for (const at of [0, 100]) {
      for (const id of ["a", "b", "c"]) {
        scenario.ask(one.limits, id, at, booked);
        scenario.ask(one.limits, `granted ${id}`, at, granted);
      }
    }
    await scenario.run();
    const inOrder = ["a", "b", "c", "granted a", "granted b", "granted c"];
    expect(scenario.log.toSorted()).toEqual([
      ...inOrder.map((id) => `0 ${id}`),
      ...inOrder.map((id) => `100 ${id}`),
    ]);
  });

  it("a booked start that is given up goes to the next call of the process", async () => {
    const one = scenario.start();
    const controller = new AbortController();
    const { signal } = controller;
    scenario.ask(one.limits, "a", 0, [rate(1, 100)]);
    scenario.ask(one.limits, "b", 1, [rate(1, 100)], { signal });
    scenario.ask(one.limits, "c", 2, [rate(1, 100)]);
    scenario.schedule(() => controller.abort(), 50);
    // Behind c, whose slot has been taken back.
    scenario.ask(one.limits, "d", 51, [rate(1, 100)]);
    await scenario.run();
    expect(scenario.log).toEqual(["0 a", "50 b gone", "100 c", "200 d"]);
  });

  it("a call that is given up while it's being asked for takes no start", async () => {
    const one = scenario.start();
    const controller = new AbortController();
    const { signal } = controller;
    const abortOnceAsked = async () => {
      const { calls } = scenario;
      while (scenario.calls === calls) await Promise.resolve();
      controller.abort();
    };
    scenario.ask(one.limits, "a", 0, [rate(1, 100)], { signal });
    scenario.schedule(() => {
      const request = { limits: [rate(1, 100)], cost: 1, signal };
      const gone = one.limits.acquire(request);
      gone.catch(() => scenario.log.push("gone"));
      void abortOnceAsked();
    }, 200);
    scenario.ask(one.limits, "b", 201, [rate(1, 100)]);
    await scenario.run();
    expect(scenario.log).toEqual(["0 a", "gone", "201 b"]);
  });

  it("starts that are given up together are all taken back", async () => {
    const one = scenario.start();
    const controller = new AbortController();
    const { signal } = controller;
    scenario.ask(one.limits, "a", 0, [bucket], { cost: 2 });
    for (const id of ["b", "c", "d"]) {
      scenario.ask(one.limits, id, 1, [bucket], { signal });
    }
    scenario.schedule(() => controller.abort(), 50);
    scenario.ask(one.limits, "e", 60, [bucket]);
    await scenario.run();
    expect(scenario.log.at(-1)).toBe("130 e");
  });

  it("a booked start lapses when others have booked behind it", async () => {
    const [one, two] = [scenario.start(), scenario.start()];
    for (const limit of [rate(1, 100), bucket]) {
      scenario.log.splice(0);
      const since = scenario.now;
      const controller = new AbortController();
      const { signal } = controller;
      scenario.ask(one.limits, "a", 0, [limit], {
        cost: limit === bucket ? 2 : 1,
      });
      scenario.ask(one.limits, "b", 1, [limit], { signal });
      scenario.ask(two.limits, "c", 2, [limit]);
      scenario.schedule(() => controller.abort(), 3);
      scenario.ask(one.limits, "d", 4, [limit]);
      await scenario.run();
      const first = limit === bucket ? 130 : 100;
      const step = 100;
      expect(scenario.log).toEqual([
        `${since} a`,
        `${since + 3} b gone`,
        `${since + first + step} c`,
        `${since + first + 2 * step} d`,
      ]);
    }
  });

  it("a start that was booked and not made counts for nothing if it's the last", async () => {
    const one = scenario.start();
    scenario.ask(one.limits, "a", 0, [bucket], { cost: 2, end: "cancel" });
    scenario.ask(one.limits, "b", 10, [bucket], { cost: 2 });
    scenario.ask(one.limits, "c", 20, [rate(1, 100)], { end: "cancel" });
    scenario.ask(one.limits, "d", 21, [rate(1, 100)]);
    scenario.ask(one.limits, "e", 22, [cap, bucket], { end: "cancel" });
    scenario.ask(one.limits, "f", 141, [bucket]);
    await scenario.run();
    expect(scenario.log).toEqual([
      "0 a",
      "10 b",
      "20 c",
      "21 d",
      "140 e",
      "141 f",
    ]);
  });

  it("a permit that is cancelled too late helps nobody to an earlier start", async () => {
    const one = scenario.start();
    scenario.ask(one.limits, "a", 0, [rate(1, 100)], {
      forMs: 150,
      end: "cancel",
    });
    for (const id of ["b", "c", "d"])
      scenario.ask(one.limits, id, 1, [rate(1, 100)]);
    await scenario.run();
    expect(scenario.log).toEqual(["0 a", "100 b", "200 c", "300 d"]);
  });

  it("nobody starts in a pause, whatever shorter one is asked for then", async () => {
    const [one, two] = [scenario.start(), scenario.start()];
    one.limits.pause(cap, 500);
    scenario.ask(two.limits, "a", 1, [cap]);
    scenario.schedule(() => two.limits.pause(cap, 10), 2);
    scenario.ask(one.limits, "b", 3, [rate(1, 100)]);
    scenario.ask(one.limits, "c", 3, [rate(1, 100)]);
    scenario.schedule(() => one.limits.pause(rate(1, 100), 300), 5);
    await scenario.run();
    expect(scenario.log).toEqual(["3 b", "305 c", "500 a"]);
  });

  it("a process that asks for more in a pause hears of it, and puts off what it had booked", async () => {
    const [one, two] = [scenario.start(), scenario.start()];
    for (const id of ["a", "b", "c", "d"])
      scenario.ask(one.limits, id, 0, [rate(1, 100)]);
    scenario.schedule(() => two.limits.pause(rate(1, 100), 500), 50);
    scenario.ask(one.limits, "e", 120, [rate(1, 100)]);
    // It has heard: nothing is put off again.
    scenario.ask(one.limits, "f", 130, [rate(1, 100)]);
    await scenario.run();
    expect(scenario.log).toEqual([
      "0 a",
      "100 b",
      "550 e",
      "650 c",
      "750 d",
      "850 f",
    ]);
  });

  it("starts that a pause puts off are booked anew, as if for the first time", async () => {
    const one = scenario.start();
    scenario.ask(one.limits, "a", 0, [bucket], { cost: 2 });
    for (const id of ["b", "c", "d"]) scenario.ask(one.limits, id, 1, [bucket]);
    scenario.schedule(() => one.limits.pause(bucket, 330), 10);
    await scenario.run();
    // The bucket has filled up in the meantime.
    expect(scenario.log).toEqual(["0 a", "340 b", "370 c", "470 d"]);
  });

  it("a clock that goes back by an hour makes nobody wait for an hour", async () => {
    const one = scenario.start();
    scenario.ask(one.limits, "a", 0, [rate(1, 100)]);
    scenario.schedule(() => {
      scenario.skewMs = -3_600_000;
    }, 50);
    scenario.ask(one.limits, "b", 60, [rate(1, 100), cap]);
    scenario.ask(one.limits, "c", 61, [rate(1, 100), cap]);
    await scenario.run();
    expect(scenario.log.map((line) => line.split(" ")[1])).toEqual([
      "a",
      "b",
      "c",
    ]);
    expect(Number.parseInt(scenario.log[2]!, 10)).toBeLessThanOrEqual(300);
  });

  it("a start of which a message tells is not too early when the clock has gone back", async () => {
    const [one, two] = [scenario.start(), scenario.start()];
    scenario.ask(two.limits, "a", 0, [rate(1, 100)]);
    scenario.ask(one.limits, "b", 1, [rate(1, 100), cap]);
    // Behind b, so that it's the other process that books it.
    scenario.ask(two.limits, "c", 2, [rate(1, 100)]);
    scenario.schedule(() => {
      scenario.skewMs = -3_600_000;
    }, 50);
    await scenario.run();
    const times = scenario.log.map((line) => Number.parseInt(line, 10));
    const names = scenario.log.map((line) => line.split(" ")[1]);
    expect(names).toEqual(["a", "b", "c"]);
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(100);
    expect(times[2]! - times[1]!).toBeGreaterThanOrEqual(100);
  });

  it("a process keeps to a rate of thirty years, and of a microsecond", async () => {
    const one = scenario.start();
    const controller = new AbortController();
    const { signal } = controller;
    const ages = rate(1, 1e300, "ages");
    scenario.ask(one.limits, "a", 0, [ages]);
    scenario.ask(one.limits, "b", 1, [ages], { signal });
    scenario.schedule(() => controller.abort(), 10);
    const blink = rate(2 ** 53 - 1, 1e-9, "blink");
    scenario.ask(one.limits, "c", 20, [blink], { cost: 2 ** 52 });
    scenario.ask(one.limits, "d", 21, [blink], { cost: 2 ** 52 });
    await scenario.run();
    expect(scenario.log).toEqual(["0 a", "10 b gone", "20 c", "21 d"]);
  });
});

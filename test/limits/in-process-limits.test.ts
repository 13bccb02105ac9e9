import { describe, expect, it } from "vitest";
import { createInProcessLimits } from "@/limits/in-process-limits.js";
import type { SharedLimit } from "@/limits/shared-limits.js";
import { FakeClock, settle } from "../support/fake-clock.js";

const { signal } = new AbortController();

function setUp() {
  const clock = new FakeClock();
  const limits = createInProcessLimits(clock);
  const log: string[] = [];
  const ask = async (id: string, of: readonly SharedLimit[], cost = 1) => {
    const permit = await limits.acquire({ limits: of, cost, signal });
    log.push(`${clock.now()} ${id}`);
    return permit;
  };
  return { clock, limits, log, ask };
}

const rated = (limit: number): SharedLimit => ({
  name: "tool t",
  rateLimit: {
    algorithm: "sliding-window",
    limit,
    intervalMs: 100,
    jitterMs: 20,
    burst: limit,
  },
});

// What holds for all implementations is in in-process-contract.test.ts.
describe("limits in the process", () => {
  it("are found by name", async () => {
    const { ask, log } = setUp();
    const permit = await ask("a", [{ name: "tool t", concurrency: 1 }]);
    void ask("b", [{ name: "tool t", concurrency: 1 }]);
    void ask("c", [{ name: "tool u", concurrency: 1 }]);
    await settle();
    expect(log).toEqual(["0 a", "0 c"]);
    permit.release();
    await settle();
    expect(log).toEqual(["0 a", "0 c", "0 b"]);
  });

  it("of one name with other numbers stand apart", async () => {
    const { ask, log, clock } = setUp();
    for (const limit of [1, 2]) {
      void ask(`a${limit}`, [rated(limit)]);
      void ask(`b${limit}`, [rated(limit)]);
    }
    await clock.drain();
    expect(log).toEqual(["0 a1", "0 a2", "0 b2", "120 b1"]);
  });

  it("of one name are paused together, whatever their numbers", async () => {
    const { ask, log, clock, limits } = setUp();
    limits.pause({ name: "tool t" }, 500);
    limits.pause({ name: "tool t" }, 300);
    void ask("a", [rated(1)]);
    void ask("b", [rated(1)]);
    void ask("c", [{ name: "tool t", concurrency: 1 }]);
    void ask("d", [{ name: "tool u", concurrency: 1 }]);
    await clock.drain();
    expect(log).toEqual(["0 d", "500 a", "500 c", "620 b"]);
  });

  it("refuse a cap that no call could keep to", async () => {
    const { limits } = setUp();
    const request = {
      limits: [{ name: "a", concurrency: 0 }],
      cost: 1,
      signal,
    };
    await expect(limits.acquire(request)).rejects.toThrow(
      "Expected `concurrency` to be an integer of at least 1, got `0` (number)",
    );
  });

  it("can be paused for longer than a timer can wait", async () => {
    const { ask, log, clock, limits } = setUp();
    limits.pause({ name: "tool t" }, 2 ** 32);
    void ask("a", [rated(1)]);
    await clock.drain();
    expect(log).toEqual([`${2 ** 32} a`]);
  });

  it("leave nothing behind for a request that is aborted", async () => {
    const { ask, log, clock, limits } = setUp();
    await ask("a", [rated(3)], 2);
    const controller = new AbortController();
    const request = { limits: [rated(3)], cost: 3, signal: controller.signal };
    const dear = limits.acquire(request);
    await settle();
    expect(clock.pending).toBe(1);
    controller.abort("gone");
    await expect(dear).rejects.toBe("gone");
    expect(clock.pending).toBe(0);
    await ask("c", [rated(3)]);
    expect(log).toEqual(["0 a", "0 c"]);
  });
});

import { fc } from "@fast-check/vitest";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SharedLimit } from "@/limits/shared-limits.js";
import type { ResolvedRateLimit } from "@/policy/rate-limit.js";
import { hasRedis } from "../support/redis-server.js";
import { type Start, violations } from "./support/check-starts.js";
import { Scenario } from "./support/scenario.js";
import { useRedis } from "./support/use-redis.js";
import { useScenario } from "./support/use-scenario.js";

const LEASE_MS = 900;

function rate(
  limit: number,
  intervalMs: number,
  algorithm: ResolvedRateLimit["algorithm"] = "sliding-window",
): ResolvedRateLimit {
  return { algorithm, limit, intervalMs, jitterMs: 0, burst: limit };
}

const serp = (is: Omit<SharedLimit, "name">): SharedLimit => ({
  name: "resource serp",
  ...is,
});

describe.runIf(hasRedis)("limits that differ between processes", () => {
  let scenario: Scenario;
  useScenario((opened) => {
    scenario = opened;
  });
  const warn = vi.fn<(text: string) => void>();
  beforeEach(() => {
    warn.mockClear();
    vi.spyOn(console, "warn").mockImplementation(warn);
  });
  afterEach(() => vi.restoreAllMocks());

  /** `count` calls at `atMs`, named by a letter and a number. */
  function load(
    letter: string,
    atMs: number,
    count: number,
    of: SharedLimit,
    { forMs = 0 } = {},
  ): void {
    const { limits } = scenario.start(LEASE_MS);
    for (let i = 1; i <= count; i += 1) {
      scenario.ask(limits, `${letter}${i}`, atMs, [of], { forMs });
    }
  }

  it("keep all to the least cap, until the lease of the last that asked with it ends", async () => {
    load("a", 0, 1, serp({ concurrency: 1 }), { forMs: 10 });
    load("b", 1, 3, serp({ concurrency: 2 }), { forMs: 500 });
    await scenario.run();
    expect(scenario.log).toEqual(["0 a1", "10 b1", "510 b2", "900 b3"]);
  });

  it("keep all to each rate, and let others start when a lease ends", async () => {
    load("a", 0, 2, serp({ rateLimit: rate(2, 5_000) }));
    load("b", 1, 4, serp({ rateLimit: rate(4, 100) }));
    await scenario.run();
    expect(scenario.log).toEqual([
      "0 a1",
      "0 a2",
      "900 b1",
      "900 b2",
      "900 b3",
      "900 b4",
    ]);
  });

  it("hold for one that declares a cap only, and for one that declares a rate only", async () => {
    load("a", 0, 3, serp({ rateLimit: rate(2, 100) }));
    load("b", 1, 3, serp({ concurrency: 1 }), { forMs: 30 });
    load("c", 2, 1, serp({ rateLimit: rate(2, 100) }), { forMs: 30 });
    await scenario.run();
    // a3 was booked before anybody had declared a cap.
    expect(scenario.log).toEqual([
      "0 a1",
      "0 a2",
      "100 a3",
      "100 b1",
      "200 b2",
      "230 b3",
      "300 c1",
    ]);
    expect(await scenario.keysLike("slots:*")).toEqual([]);
  });

  it.each(["sliding-window", "token-bucket"] as const)(
    "count what was taken under another algorithm (first: %s)",
    async (first) => {
      const second =
        first === "sliding-window" ? "token-bucket" : "sliding-window";
      load("a", 0, 5, serp({ rateLimit: rate(5, 10_000, first) }));
      // The lease has ended: nobody declares the first any more.
      load("b", 1_000, 5, serp({ rateLimit: rate(5, 10_000, second) }));
      load("c", 12_000, 5, serp({ rateLimit: rate(5, 10_000, first) }));
      await scenario.run();
      const starts = scenario.log.map((line) => Number(line.split(" ")[0]));
      expect(starts.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
      // A bucket has filled at one per 2 s since, or the window is over.
      expect(starts.slice(5, 10)).toEqual(
        first === "sliding-window"
          ? [2_000, 4_000, 6_000, 8_000, 10_000]
          : [10_000, 10_000, 10_000, 10_000, 10_000],
      );
      expect(starts.slice(10)).toEqual(
        first === "sliding-window"
          ? [12_000, 14_000, 16_000, 18_000, 20_000]
          : [12_000, 14_000, 16_000, 18_000, 20_000],
      );
    },
  );

  it("find what was taken under one that has ended and is declared again", async () => {
    const wide = serp({ rateLimit: rate(5, 5_000) });
    const { limits } = scenario.start(LEASE_MS);
    for (let i = 0; i < 5; i += 1) scenario.ask(limits, `a${i}`, 0, [wide]);
    // Its entries would be too old for the only rate that is declared now.
    load("b", 1_000, 6, serp({ rateLimit: rate(6, 100) }));
    load("b", 1_500, 6, serp({ rateLimit: rate(6, 100) }));
    scenario.ask(limits, "again", 2_600, [wide]);
    await scenario.run();
    expect(scenario.log.at(-1)).toBe("6500 again");
  });

  it("end a lease after the last booked start that was not given back", async () => {
    const { limits } = scenario.start(LEASE_MS);
    const controller = new AbortController();
    const { signal } = controller;
    const slow = serp({ rateLimit: rate(1, 1_000) });
    for (let i = 1; i <= 9; i += 1) {
      scenario.ask(limits, `a${i}`, 0, [slow], { signal });
    }
    scenario.schedule(() => controller.abort(), 100);
    load("b", 200, 3, serp({ rateLimit: rate(3, 100) }));
    await scenario.run();
    expect(scenario.log.slice(-3)).toEqual(["1000 b1", "1000 b2", "1000 b3"]);
  });

  it("take a token that is given back only once, of each bucket", async () => {
    const bucket = rate(10, 10_000, "token-bucket");
    const one = scenario.start(LEASE_MS);
    const two = scenario.start(LEASE_MS);
    const narrow = serp({ concurrency: 50, rateLimit: bucket });
    const wide = serp({ concurrency: 60, rateLimit: bucket });
    scenario.ask(one.limits, "a", 0, [narrow]);
    scenario.ask(two.limits, "b", 1, [wide], { cost: 5, end: "cancel" });
    scenario.ask(one.limits, "c", 2, [narrow], { cost: 9 });
    scenario.ask(two.limits, "d", 3, [wide], { cost: 2 });
    await scenario.run();
    expect(scenario.log).toEqual(["0 a", "1 b", "2 c", "2000 d"]);
  });

  it("hold for each size of a bucket with the same rate", async () => {
    const large = rate(10, 1_000, "token-bucket");
    const small = { ...large, burst: 5 };
    const { limits } = scenario.start(LEASE_MS);
    for (let i = 0; i < 10; i += 1) {
      scenario.ask(limits, `a${i}`, 0, [serp({ rateLimit: large })]);
    }
    load("b", 1, 1, serp({ rateLimit: small }));
    scenario.ask(limits, "late", 2, [serp({ rateLimit: large })]);
    await scenario.run();
    expect(scenario.log.slice(-2)).toEqual(["100 b1", "200 late"]);
  });

  it("make one that declares no rate as punctual as one that does", async () => {
    const one = scenario.start(LEASE_MS);
    const two = scenario.start(LEASE_MS);
    const cap = serp({ concurrency: 50 });
    const both = serp({ concurrency: 50, rateLimit: rate(2, 100) });
    scenario.ask(two.limits, "b", 0, [both]);
    for (let i = 1; i <= 6; i += 1) scenario.ask(one.limits, `a${i}`, 1, [cap]);
    scenario.schedule(() => one.stall(700), 50);
    for (let ms = 100; ms < 700; ms += 50) {
      scenario.ask(two.limits, "b", ms, [both]);
    }
    await scenario.run();
    const starts = scenario.log.map((line) => Number.parseInt(line, 10));
    for (const [i, at] of starts.entries()) {
      expect((starts[i + 2] ?? Infinity) - at).toBeGreaterThanOrEqual(90);
    }
  });

  it("are the same in whatever order rates are listed", async () => {
    const [calls, cost] = [
      { ...rate(5, 100), counts: "calls" as const },
      rate(9, 200),
    ];
    load("a", 0, 1, serp({ rateLimit: [calls, cost] }));
    load("b", 1, 1, serp({ rateLimit: [cost, calls] }));
    await scenario.run();
    expect(warn).not.toHaveBeenCalled();
  });

  it("are told once to each process, in words", async () => {
    const old = serp({ concurrency: 2, rateLimit: rate(10, 1_000) });
    load("a", 0, 2, old);
    load("b", 1, 3, serp({ rateLimit: rate(5, 1_000, "token-bucket") }));
    load("c", 2, 1, old);
    await scenario.run();
    expect(warn.mock.calls.flat()).toEqual([
      'parallel-tools-node: Limits of "resource serp" differ between processes that share it in Redis: ' +
        "5 tokens and one more every 200 ms here, 2 at once and 10 tokens in 1000 ms elsewhere. " +
        "The strictest holds for all, until nobody has asked with it for 900 ms. " +
        "Unless a new version is being rolled out, declare the same in all of them, or give each its own name or `prefix`.",
      expect.stringContaining(
        "2 at once and 10 tokens in 1000 ms here, 5 tokens and one more every 200 ms elsewhere.",
      ),
    ]);
  });

  it("are not told where all declare the same", async () => {
    load("a", 0, 2, serp({ rateLimit: rate(5, 100) }));
    load("b", 0, 2, serp({ rateLimit: rate(5, 100) }));
    await scenario.run();
    expect(warn).not.toHaveBeenCalled();
  });
});

const declaration = fc
  .record({
    concurrency: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    rateLimit: fc.option(
      fc
        .tuple(
          fc.integer({ min: 2, max: 5 }),
          fc.integer({ min: 20, max: 200 }),
          fc.constantFrom("sliding-window", "token-bucket"),
        )
        .map((parts) => rate(...parts)),
      { nil: undefined },
    ),
  })
  .filter((is) => is.concurrency !== undefined || is.rateLimit !== undefined)
  .map(({ concurrency, rateLimit }) =>
    serp({
      ...(concurrency !== undefined && { concurrency }),
      ...(rateLimit !== undefined && { rateLimit }),
    }),
  );

const demand = fc.record({
  declarations: fc.tuple(declaration, declaration, declaration),
  calls: fc.array(
    fc.record({
      atMs: fc.oneof(fc.constant(0), fc.nat({ max: 400 })),
      forMs: fc.nat({ max: 60 }),
      cost: fc.integer({ min: 1, max: 2 }),
      process: fc.nat({ max: 2 }),
    }),
    { minLength: 1, maxLength: 30 },
  ),
});

describe.runIf(hasRedis)("three processes with limits of their own", () => {
  const redis = useRedis();

  it("keep to what each of them declares, and finish", {
    timeout: 120_000,
  }, async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    await fc.assert(
      fc.asyncProperty(demand, async ({ declarations, calls }) => {
        const scenario = new Scenario(redis.client(), redis.client());
        await scenario.open();
        const starts: Start[] = [];
        const processes = declarations.map(() => scenario.start(60_000));
        // What starts before all have declared theirs may break one of them.
        declarations.forEach((limit, i) =>
          scenario.ask(processes[i]!.limits, `${i}`, 0, [limit]),
        );
        for (const { process, atMs, cost, forMs } of calls) {
          const { signal } = new AbortController();
          const limits = [declarations[process]!];
          const start = async () => {
            const request = { limits, cost, signal };
            const permit = await processes[process]!.limits.acquire(request);
            const startAt = scenario.now;
            const endAt = startAt + forMs;
            starts.push({ limits: declarations, cost, startAt, endAt });
            scenario.schedule(() => permit.release(), forMs);
          };
          scenario.schedule(() => void start(), 300 + atMs);
        }
        await scenario.run();
        expect(starts).toHaveLength(calls.length);
        expect(violations(declarations, starts)).toEqual([]);
        expect(await scenario.keysLike("slots:*")).toEqual([]);
        await scenario.close();
      }),
      { numRuns: Number(process.env["HISTORIES"] ?? 40) },
    );
    vi.restoreAllMocks();
  });
});

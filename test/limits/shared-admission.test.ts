import { describe, expect, test } from "vitest";
import { createLimits } from "@/limits/create-limits.js";
import { SharedAdmission } from "@/limits/shared-admission.js";
import type { SharedLimit } from "@/limits/shared-limits.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { attempt } from "../support/run-attempts.js";
import { rejectOnAbort, ScriptedLimits } from "../support/scripted-limits.js";

const rateLimit = {
  limit: 5,
  intervalMs: 1_000,
  algorithm: "token-bucket",
  burst: 4,
  jitterMs: 0,
} as const;
const db: SharedLimit = { name: "resource db", concurrency: 2 };
const serp: SharedLimit = { name: "resource serp", rateLimit };

function setUp(limits: readonly SharedLimit[] = [db]) {
  const clock = new FakeClock();
  const elsewhere = new ScriptedLimits();
  const admission = new SharedAdmission(limits, elsewhere, clock);
  return { clock, elsewhere, admission };
}

const startsOf = (log: readonly string[]) =>
  log.filter((line) => line.includes("start"));

describe("limits that are kept elsewhere", () => {
  test("are one limit with the names, the kind and the capacity of them all", () => {
    expect(setUp([db]).admission).toMatchObject({
      name: "resource db",
      kind: "concurrency",
      capacity: Number.POSITIVE_INFINITY,
    });
    const bigger = { name: "tool t", rateLimit: { ...rateLimit, burst: 9 } };
    expect(setUp([db, bigger, serp]).admission).toMatchObject({
      name: "resource db, tool t, resource serp",
      kind: "rate",
      capacity: 4,
    });
  });

  test("are not asked while nobody waits", async () => {
    const { elsewhere, admission, clock } = setUp();
    expect(admission.hasRoom(1)).toBe(false);
    admission.offer(clock.now());
    await settle();
    expect(elsewhere.log).toEqual([]);
  });

  test("are asked for each call, with its cost, and hear when it has ended", async () => {
    const { clock, elsewhere, admission } = setUp([db, serp]);
    elsewhere.onAsk = (ask) => ask.grant();
    const limits = [admission];
    const { log, outcomes } = attempt(
      [{ durationMs: 10, limits, cost: 3 }],
      clock,
    );
    await clock.drain();
    await outcomes;
    expect(elsewhere.asks[0]?.request).toMatchObject({
      limits: [db, serp],
      cost: 3,
    });
    expect(elsewhere.log).toEqual(["ask 1", "grant 1", "release 1"]);
    expect(log).toEqual(["0 start 0", "0 ok 10"]);
    expect(clock.pending).toBe(0);
  });

  test("are asked for at most eight permits ahead", async () => {
    const { clock, elsewhere, admission } = setUp();
    const { outcomes } = attempt(
      Array.from({ length: 20 }, () => ({
        durationMs: 10,
        limits: [admission],
      })),
      clock,
    );
    await clock.advance(0);
    expect(elsewhere.asks).toHaveLength(8);
    for (let i = 0; i < 20; i += 1) {
      elsewhere.open()[0]?.grant();
      await settle();
      expect(elsewhere.open().length).toBe(Math.min(8, 19 - i));
    }
    await clock.drain();
    await outcomes;
    expect(elsewhere.asks).toHaveLength(20);
  });

  test("let calls start in their order, in whatever order permits come", async () => {
    const { clock, elsewhere, admission } = setUp();
    const call = { durationMs: 10, limits: [admission] };
    const { log, outcomes } = attempt([call, call, call], clock);
    await clock.advance(0);
    for (const i of [2, 0, 1]) {
      elsewhere.asks[i]?.grant();
      await clock.advance(1);
    }
    expect(startsOf(log)).toEqual(["0 start 0", "1 start 1", "2 start 2"]);
    await clock.drain();
    await outcomes;
  });

  test("are not asked while another limit has no room", async () => {
    const { clock, elsewhere, admission } = setUp();
    elsewhere.onAsk = (ask) => ask.grant();
    const cap = createLimits("cap", { concurrency: 1 }, clock);
    const running = attempt([{ durationMs: 20, limits: cap }], clock);
    const { log, outcomes } = attempt(
      [{ durationMs: 10, limits: [...cap, admission] }],
      clock,
    );
    await clock.advance(19);
    expect(elsewhere.log).toEqual([]);
    await clock.drain();
    await Promise.all([running.outcomes, outcomes]);
    expect(elsewhere.log).toEqual(["ask 1", "grant 1", "release 1"]);
    expect(startsOf(log)).toEqual(["0 start 20"]);
  });

  test("keep the permits of different costs apart", async () => {
    const { clock, elsewhere, admission } = setUp([serp]);
    const limits = [admission];
    const { log, outcomes } = attempt(
      [
        { durationMs: 10, limits, cost: 1 },
        { durationMs: 10, limits, cost: 2 },
      ],
      clock,
    );
    await clock.advance(0);
    expect(elsewhere.asks.map(({ request }) => request.cost)).toEqual([1, 2]);
    elsewhere.asks[1]?.grant();
    await clock.advance(5);
    expect(startsOf(log)).toEqual(["1 start 0"]);
    elsewhere.asks[0]?.grant();
    await clock.drain();
    await outcomes;
    expect(startsOf(log)).toEqual(["1 start 0", "0 start 5"]);
    expect(elsewhere.log.slice(-2)).toEqual(["release 2", "release 1"]);
  });

  test("are asked again for a call that is run again", async () => {
    const { clock, elsewhere, admission } = setUp();
    elsewhere.onAsk = (ask) => ask.grant();
    const { outcomes } = attempt(
      [{ durationMs: 10, limits: [admission], failures: [0, 20] }],
      clock,
    );
    await clock.drain();
    await outcomes;
    expect(elsewhere.log).toEqual(
      [1, 2, 3].flatMap((n) => [`ask ${n}`, `grant ${n}`, `release ${n}`]),
    );
  });
});

describe("what is asked for and no longer wanted", () => {
  test("is taken back when its calls are aborted", async () => {
    const { clock, elsewhere, admission } = setUp();
    elsewhere.onAsk = rejectOnAbort;
    const controller = new AbortController();
    const call = { durationMs: 10, limits: [admission] };
    const { outcomes } = attempt([call, call], clock, {
      signal: controller.signal,
    });
    await clock.advance(0);
    controller.abort();
    await outcomes;
    expect(elsewhere.log).toEqual(["ask 1", "ask 2", "abort 2", "abort 1"]);
    await settle();
    expect(clock.pending).toBe(0);
  });

  test("is taken back as far as fewer calls wait, the last ask first", async () => {
    const { clock, elsewhere, admission } = setUp();
    const controller = new AbortController();
    const call = { durationMs: 10, limits: [admission] };
    const first = attempt([call, call], clock);
    attempt([call, call], clock, { signal: controller.signal });
    await clock.advance(0);
    controller.abort();
    elsewhere.asks[0]?.grant();
    await settle();
    const after = elsewhere.log.slice(4);
    expect(after.toSorted()).toEqual(["abort 3", "abort 4", "grant 1"]);
    for (const ask of elsewhere.open()) ask.grant();
    await clock.drain();
    await first.outcomes;
  });

  test("is given back when it comes all the same", async () => {
    const { clock, elsewhere, admission } = setUp();
    const controller = new AbortController();
    const { outcomes } = attempt(
      [{ durationMs: 10, limits: [admission] }],
      clock,
      { signal: controller.signal },
    );
    await clock.advance(0);
    controller.abort();
    elsewhere.asks[0]?.grant();
    await outcomes;
    await settle();
    expect(elsewhere.log).toEqual(["ask 1", "abort 1", "grant 1", "cancel 1"]);
  });

  test("is kept for a second when another limit has been taken meanwhile, and then given back", async () => {
    const { clock, elsewhere, admission } = setUp();
    const cap = createLimits("cap", { concurrency: 1 }, clock);
    const waiting = attempt(
      [{ durationMs: 10, limits: [...cap, admission] }],
      clock,
    );
    await clock.advance(0);
    const other = attempt([{ durationMs: 5_000, limits: cap }], clock);
    await clock.advance(10);
    elsewhere.asks[0]?.grant();
    await clock.advance(999);
    expect(elsewhere.log).toEqual(["ask 1", "grant 1"]);
    await clock.advance(1);
    expect(elsewhere.log).toEqual(["ask 1", "grant 1", "cancel 1"]);
    elsewhere.onAsk = (ask) => ask.grant();
    await clock.drain();
    await Promise.all([waiting.outcomes, other.outcomes]);
    expect(startsOf(waiting.log)).toEqual(["0 start 5000"]);
    expect(elsewhere.log.slice(3)).toEqual(["ask 2", "grant 2", "release 2"]);
    expect(clock.pending).toBe(0);
  });

  test("is used within that second, if the other limit has room again", async () => {
    const { clock, elsewhere, admission } = setUp();
    const cap = createLimits("cap", { concurrency: 1 }, clock);
    const waiting = attempt(
      [{ durationMs: 10, limits: [...cap, admission] }],
      clock,
    );
    await clock.advance(0);
    attempt([{ durationMs: 500, limits: cap }], clock);
    elsewhere.asks[0]?.grant();
    await clock.drain();
    await waiting.outcomes;
    expect(startsOf(waiting.log)).toEqual(["0 start 500"]);
    expect(elsewhere.log).toEqual(["ask 1", "grant 1", "release 1"]);
  });
});

describe("an ask that is rejected", () => {
  const gone = new Error("no connection");

  test("ends the call that comes first with that error, and what waits for it", async () => {
    const { clock, elsewhere, admission } = setUp();
    const limits = [admission];
    const { log, outcomes } = attempt(
      [
        { durationMs: 10, limits },
        { durationMs: 10, limits, dependsOn: [0] },
        { durationMs: 10, limits },
      ],
      clock,
    );
    await clock.advance(5);
    elsewhere.asks[1]?.reject(gone);
    await clock.advance(5);
    expect(log).toEqual(["0 error 5", "1 skipped 5"]);
    elsewhere.asks[0]?.grant();
    await clock.drain();
    expect(await outcomes).toMatchObject([
      { status: "error", error: gone },
      { status: "skipped", failed: 0 },
      { status: "ok" },
    ]);
    expect(elsewhere.log).toEqual(["ask 1", "ask 2", "grant 1", "release 1"]);
  });

  test("of a cost ends a call of that cost", async () => {
    const { clock, elsewhere, admission } = setUp([serp]);
    const limits = [admission];
    const { outcomes } = attempt(
      [
        { durationMs: 10, limits, cost: 1 },
        { durationMs: 10, limits, cost: 2 },
      ],
      clock,
    );
    await clock.advance(0);
    elsewhere.asks[1]?.reject(gone);
    await settle();
    elsewhere.asks[0]?.grant();
    await clock.drain();
    expect(await outcomes).toMatchObject([{ status: "ok" }, { error: gone }]);
  });

  test("ends one call each, and more are asked for the others", async () => {
    const { clock, elsewhere, admission } = setUp();
    elsewhere.onAsk = (ask) =>
      ask.number % 2 === 0 ? ask.grant() : ask.reject(gone);
    const call = { durationMs: 1, limits: [admission] };
    const { outcomes } = attempt(
      Array.from({ length: 24 }, () => call),
      clock,
    );
    await clock.drain();
    const statuses = (await outcomes).map(({ status }) => status);
    expect(statuses.filter((status) => status === "ok")).toHaveLength(12);
    expect(statuses.filter((status) => status === "error")).toHaveLength(12);
    expect(elsewhere.asks).toHaveLength(24);
  });

  test("after its call has gone is of no interest", async () => {
    const { clock, elsewhere, admission } = setUp();
    const controller = new AbortController();
    attempt([{ durationMs: 1, limits: [admission] }], clock, {
      signal: controller.signal,
    });
    await clock.advance(0);
    controller.abort();
    const later = attempt([{ durationMs: 1, limits: [admission] }], clock);
    elsewhere.asks[0]?.reject(gone);
    await settle();
    elsewhere.asks[1]?.grant();
    await clock.drain();
    expect(await later.outcomes).toMatchObject([{ status: "ok" }]);
  });
});

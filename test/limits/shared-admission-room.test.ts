import pLimit from "p-limit";
import { expect, test } from "vitest";
import { createLimits } from "@/limits/create-limits.js";
import { FeedbackGate } from "@/limits/feedback-gate.js";
import { SharedAdmission } from "@/limits/shared-admission.js";
import { FakeClock } from "../support/fake-clock.js";
import { attempt } from "../support/run-attempts.js";
import { ScriptedLimits } from "../support/scripted-limits.js";

function setUp() {
  const clock = new FakeClock();
  const elsewhere = new ScriptedLimits();
  const db = { name: "resource db", concurrency: 9 };
  const admission = new SharedAdmission([db], elsewhere, clock);
  return { clock, elsewhere, admission };
}

const startsOf = (log: readonly string[]) =>
  log.filter((line) => line.includes("start"));

test("permits are asked for no more than other limits have room for", async () => {
  const { clock, elsewhere, admission } = setUp();
  const wide = createLimits("wide", { concurrency: 6 }, clock);
  const cap = createLimits("cap", { concurrency: 2 }, clock);
  const call = { durationMs: 10, limits: [...wide, ...cap, admission] };
  const { log, outcomes } = attempt([call, call, call, call, call], clock);
  const own = { durationMs: 10, limits: [...wide, admission] };
  const others = attempt([own, own, own, own, own, own], clock);
  await clock.advance(0);
  // Two by the one cap, and four by what is left of the other.
  expect(elsewhere.open()).toHaveLength(6);
  elsewhere.onAsk = (ask) => ask.grant();
  for (const ask of elsewhere.open()) ask.grant();
  await clock.drain();
  await Promise.all([outcomes, others.outcomes]);
  expect(startsOf(log)).toEqual([
    "0 start 0",
    "1 start 0",
    "2 start 10",
    "3 start 10",
    "4 start 20",
  ]);
  expect(elsewhere.log.join()).not.toMatch(/cancel/);
});

test("permits are asked for more when another limit has more room", async () => {
  const { clock, elsewhere, admission } = setUp();
  const cap = createLimits("cap", { concurrency: 3 }, clock);
  const plain = attempt(
    [20, 30].map((durationMs) => ({ durationMs, limits: cap })),
    clock,
  );
  const call = { durationMs: 10, limits: [...cap, admission] };
  const { outcomes } = attempt([call, call, call, call], clock);
  await clock.advance(19);
  expect(elsewhere.open()).toHaveLength(1);
  await clock.advance(1);
  expect(elsewhere.open()).toHaveLength(2);
  await clock.advance(10);
  expect(elsewhere.open()).toHaveLength(3);
  elsewhere.onAsk = (ask) => ask.grant();
  for (const ask of elsewhere.open()) ask.grant();
  await clock.drain();
  await Promise.all([plain.outcomes, outcomes]);
  // Nobody has to be told any more.
  for (const { followers } of cap) expect(followers.size).toBe(0);
});

test("permits are asked for no more than an application's p-limit has room for", async () => {
  const { clock, elsewhere, admission } = setUp();
  const limiter = pLimit(3);
  const job = new Promise<void>((resolve) => {
    clock.schedule(resolve, 50);
  });
  void limiter(() => job);
  const cap = createLimits("cap", { concurrency: limiter }, clock);
  const call = { durationMs: 10, limits: [...cap, admission] };
  const { outcomes } = attempt([call, call, call, call], clock);
  await clock.advance(0);
  expect(elsewhere.open()).toHaveLength(2);
  elsewhere.onAsk = (ask) => ask.grant();
  for (const ask of elsewhere.open()) ask.grant();
  await clock.drain();
  await outcomes;
});

test("permits are asked for one at a time at a pace that was learned", async () => {
  const { clock, elsewhere, admission } = setUp();
  const gate = new FeedbackGate("gate", clock, {
    learns: true,
    startsCarefully: true,
    random: () => 0,
  });
  const call = { durationMs: 10, limits: [gate, admission] };
  const calls = Array.from({ length: 20 }, () => call);
  const first = attempt(calls.slice(0, 7), clock);
  const { outcomes } = attempt(calls, clock);
  await clock.advance(0);
  // Ten may start, and eight are the most that are asked for.
  expect(elsewhere.open()).toHaveLength(8);
  for (const ask of elsewhere.open().slice(0, 4)) ask.grant();
  await clock.advance(0);
  expect(elsewhere.open()).toHaveLength(6);
  gate.refuse({ startedAt: 0, now: 0, pauseMs: 5, maxPauseMs: 9 });
  await clock.advance(10);
  expect(elsewhere.open()).toHaveLength(1);
  elsewhere.onAsk = (ask) => ask.grant();
  for (const ask of elsewhere.open()) ask.grant();
  await clock.drain();
  await Promise.all([first.outcomes, outcomes]);
});

test("permits are asked for no more as soon as other calls have filled another limit", async () => {
  const { clock, elsewhere, admission } = setUp();
  const cap = createLimits("cap", { concurrency: 3 }, clock);
  const call = { durationMs: 10, limits: [...cap, admission] };
  const { outcomes } = attempt([call, call, call], clock);
  await clock.advance(0);
  const plain = attempt(
    [1, 2].map(() => ({ durationMs: 10, limits: cap })),
    clock,
  );
  elsewhere.asks[0]?.grant();
  await clock.advance(9);
  expect(elsewhere.log).toEqual([
    "ask 1",
    "ask 2",
    "ask 3",
    "abort 3",
    "abort 2",
    "grant 1",
  ]);
  elsewhere.onAsk = (ask) => ask.grant();
  await clock.drain();
  await Promise.all([outcomes, plain.outcomes]);
});

test("permits are asked for by who has lost its room, so that it waits where the room has gone", async () => {
  const { clock, elsewhere, admission } = setUp();
  const gate = new FeedbackGate("gate", clock, {
    learns: false,
    startsCarefully: false,
    random: () => 0,
  });
  const cap = createLimits("cap", { concurrency: 6 }, clock);
  const plain = attempt([{ durationMs: 5, limits: cap }], clock);
  const call = { durationMs: 10, limits: [gate, ...cap, admission] };
  const batches = [1, 2].map(() => attempt([call, call], clock));
  await clock.advance(0);
  expect(elsewhere.open()).toHaveLength(4);
  // Nobody waits at the gate, so it won't say when it opens.
  gate.pause(100, clock.now());
  await clock.advance(5);
  await plain.outcomes;
  expect(elsewhere.open()).toHaveLength(1);
  elsewhere.onAsk = (ask) => ask.grant();
  for (const ask of elsewhere.open()) ask.grant();
  await clock.drain();
  for (const { log } of batches) {
    expect(startsOf(log)).toEqual(["0 start 100", "1 start 100"]);
  }
});

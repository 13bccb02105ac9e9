import { expect, test } from "vitest";
import { createLimits } from "@/limits/create-limits.js";
import { SharedAdmission } from "@/limits/shared-admission.js";
import { FakeClock } from "../support/fake-clock.js";
import { attempt } from "../support/run-attempts.js";
import { ScriptedLimits } from "../support/scripted-limits.js";

test("permits that come for one cost are taken, though two waiters of another stand before", async () => {
  const clock = new FakeClock();
  const elsewhere = new ScriptedLimits();
  const admission = new SharedAdmission(
    [{ name: "resource db", concurrency: 9 }],
    elsewhere,
    clock,
  );
  const call = { durationMs: 10, limits: [admission] };
  const cheap = [1, 2].map(() => attempt([call], clock));
  const dear = attempt([{ ...call, cost: 2 }], clock);
  await clock.advance(0);
  elsewhere.asks[2]?.grant();
  await clock.advance(10);
  expect(dear.log).toEqual(["0 start 0", "0 ok 10"]);
  expect(cheap.flatMap(({ log }) => log)).toEqual([]);
});

test("permits are not asked for anew because another batch has given up its place", async () => {
  const clock = new FakeClock();
  const elsewhere = new ScriptedLimits();
  const admission = new SharedAdmission(
    [{ name: "resource db", concurrency: 9 }],
    elsewhere,
    clock,
  );
  const batchCap = createLimits("batch", { concurrency: 1 }, clock);
  const late = { durationMs: 10, limits: [admission], dependsOn: [0] };
  attempt([{ durationMs: 5 }, late, late, late], clock);
  await clock.advance(1);
  const call = { durationMs: 10, limits: [...batchCap, admission] };
  elsewhere.onAsk = (ask) => {
    if (ask.number === 1) ask.grant();
  };
  attempt([call, call], clock);
  await clock.advance(30);
  const aborts = elsewhere.log.filter((line) => line.startsWith("abort"));
  expect(aborts.length).toBeLessThanOrEqual(1);
});

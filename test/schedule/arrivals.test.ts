import { describe, expect, it } from "vitest";
import { ConcurrencyCap } from "@/limits/concurrency-cap.js";
import { Schedule } from "@/schedule/schedule.js";
import type { ScheduledCall } from "@/schedule/scheduled-call.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { simpleExecutor } from "../support/run-schedule.js";

/** Calls that come one by one, and a log of what becomes of them. */
function gather(
  calls: readonly Partial<ScheduledCall<string>>[],
  signal?: AbortSignal,
) {
  const clock = new FakeClock();
  const log: string[] = [];
  const schedule = new Schedule<string>({
    calls: calls.map((call) => ({
      dependsOn: [],
      limits: [],
      cost: 1,
      ...call,
    })),
    comeOneByOne: true,
    executor: simpleExecutor({
      execute: async (position) => {
        await clock.sleep(10);
        return `value ${position}`;
      },
    }),
    clock,
    signal,
    observer: {
      onReady: (position) => log.push(`${position} ready`),
      onStart: (position) => log.push(`${position} start`),
      onAgain: (position) => log.push(`${position} again`),
      onEnd: (position, _, { status }) => log.push(`${position} ${status}`),
    },
  });
  const outcomes = schedule.run();
  return { clock, log, schedule, outcomes };
}

describe("calls that come one by one", () => {
  it("start when they have come and not before", async () => {
    const { clock, log, schedule, outcomes } = gather([{}, {}]);
    await clock.advance(100);
    expect(log).toEqual([]);
    schedule.arrive(1);
    await clock.advance(100);
    expect(log).toEqual(["1 ready", "1 start", "1 ok"]);
    schedule.arrive(0);
    await clock.advance(100);
    expect(await outcomes).toMatchObject([
      { status: "ok", value: "value 0" },
      { status: "ok", value: "value 1" },
    ]);
  });

  it("wait for those that they depend on, whoever comes first", async () => {
    const { clock, log, schedule, outcomes } = gather([{}, { dependsOn: [0] }]);
    schedule.arrive(1);
    await clock.advance(100);
    expect(log).toEqual([]);
    schedule.arrive(0);
    await clock.drain();
    await outcomes;
    expect(log).toEqual([
      "0 ready",
      "0 start",
      "0 ok",
      "1 ready",
      "1 start",
      "1 ok",
    ]);
  });

  it("run if the one whose outcome they would share never comes", async () => {
    const { clock, log, schedule, outcomes } = gather([
      {},
      { dependsOn: [0], sameAs: 0 },
    ]);
    schedule.arrive(1);
    schedule.settle(0, { status: "aborted", isAbsent: true });
    await clock.drain();
    expect(log).toEqual(["0 aborted", "1 ready", "1 start", "1 ok"]);
    expect((await outcomes)[1]).toMatchObject({ value: "value 1" });
  });

  it("come too late to be kept waiting by those that have ended", async () => {
    const { clock, log, schedule } = gather([{}, { dependsOn: [0] }]);
    schedule.arrive(0);
    await clock.drain();
    schedule.arrive(1);
    expect(log.slice(3)).toEqual(["1 ready", "1 start"]);
  });

  it("take no room in a limit before they come", async () => {
    const clock = new FakeClock();
    const limits = [new ConcurrencyCap("tool x", clock, 1)];
    const run = gather([{ limits }, { limits }]);
    run.schedule.arrive(1);
    expect(run.log).toEqual(["1 ready", "1 start"]);
    run.schedule.arrive(0);
    expect(run.log).toEqual(["1 ready", "1 start", "0 ready"]);
    await run.clock.drain();
    await run.outcomes;
    expect(run.log.slice(3)).toEqual(["1 ok", "0 start", "0 ok"]);
  });

  it("end as their preset says, once they have come", async () => {
    const { log, schedule } = gather([{ preset: { status: "deferred" } }]);
    expect(log).toEqual([]);
    schedule.arrive(0);
    expect(log).toEqual(["0 deferred"]);
  });

  it("share an end that was there before they came", async () => {
    const { clock, log, schedule } = gather([{}, { sameAs: 0 }]);
    schedule.arrive(0);
    await clock.drain();
    schedule.arrive(1);
    // Nothing here says how ends are shared, so it runs.
    expect(log.slice(3)).toEqual(["1 ready", "1 start"]);
  });
});

describe("calls that have ended elsewhere", () => {
  it("set those free that wait for them", async () => {
    const { clock, log, schedule, outcomes } = gather([{}, { dependsOn: [0] }]);
    schedule.arrive(1);
    schedule.settle(0, { status: "ok", value: "from elsewhere" });
    await clock.drain();
    expect(log).toEqual(["0 ok", "1 ready", "1 start", "1 ok"]);
    expect(await outcomes).toMatchObject([
      { value: "from elsewhere" },
      { value: "value 1" },
    ]);
  });

  it("skip those that wait for them if they didn't end well", async () => {
    const { log, schedule, outcomes } = gather([
      {},
      { dependsOn: [0] },
      { dependsOn: [1] },
    ]);
    for (const position of [1, 2]) schedule.arrive(position);
    schedule.settle(0, { status: "aborted" });
    expect(log).toEqual(["0 aborted", "1 skipped", "2 skipped"]);
    expect(await outcomes).toMatchObject([{}, { failed: 0 }, { failed: 0 }]);
  });

  it("do not run when they come after all, and are settled only once", async () => {
    const { log, schedule, outcomes } = gather([{}]);
    schedule.settle(0, { status: "ok", value: "first" });
    schedule.settle(0, { status: "error" });
    schedule.arrive(0);
    expect(log).toEqual(["0 ok"]);
    expect(await outcomes).toEqual([{ status: "ok", value: "first" }]);
  });

  it("may have come and be waiting", async () => {
    const { clock, log, schedule, outcomes } = gather([{}, { dependsOn: [0] }]);
    schedule.arrive(1);
    schedule.settle(1, { status: "skipped", failed: 0 });
    schedule.arrive(0);
    await clock.drain();
    await outcomes;
    expect(log).toEqual(["1 skipped", "0 ready", "0 start", "0 ok"]);
  });
});

it("an abort ends all that has not started, come or not", async () => {
  const controller = new AbortController();
  const { clock, log, schedule, outcomes } = gather(
    [{}, { dependsOn: [0] }, {}],
    controller.signal,
  );
  schedule.arrive(0);
  schedule.arrive(1);
  controller.abort();
  await clock.drain();
  await outcomes;
  expect(log).toEqual(["0 ready", "0 start", "1 aborted", "2 aborted", "0 ok"]);
  schedule.arrive(2);
  await settle();
  expect(log).toHaveLength(5);
});

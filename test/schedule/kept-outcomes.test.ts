import { describe, expect, it } from "vitest";
import { ConcurrencyCap } from "@/limits/concurrency-cap.js";
import { Schedule } from "@/schedule/schedule.js";
import type { ScheduledCall } from "@/schedule/scheduled-call.js";
import { FakeClock } from "../support/fake-clock.js";
import { simpleExecutor } from "../support/run-schedule.js";

interface Setup {
  readonly keepMs?: number;
  readonly batchTimeoutMs?: number;
  readonly drainMs?: number;
  readonly signal?: AbortSignal;
}

/** Calls that take 10 ms each, and whose outcomes take `keepMs` to keep. */
function run(
  calls: readonly Partial<ScheduledCall<string>>[],
  { keepMs = 5, ...options }: Setup = {},
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
    executor: simpleExecutor({
      execute: async (position) => {
        await clock.sleep(10);
        return `value ${position}`;
      },
      keep: (position) => {
        log.push(`${clock.now()} ${position} keep`);
        return clock.sleep(keepMs);
      },
    }),
    clock,
    observer: {
      onReady: () => {},
      onStart: (position, now) => log.push(`${now} ${position} start`),
      onAgain: () => {},
      onEnd: (position, now, { status }) =>
        log.push(`${now} ${position} ${status}`),
    },
    comeOneByOne: false,
    drainMs: undefined,
    batchTimeoutMs: undefined,
    signal: undefined,
    ...options,
  });
  return { clock, log, outcomes: schedule.run() };
}

describe("an outcome that is to be kept", () => {
  it("is kept before what depends on the call starts", async () => {
    const { clock, log, outcomes } = run([{}, { dependsOn: [0] }]);
    await clock.advance(100);
    await outcomes;
    expect(log).toEqual([
      "0 0 start",
      "10 0 keep",
      "15 0 ok",
      "15 1 start",
      "25 1 keep",
      "30 1 ok",
    ]);
  });

  it("holds no slot meanwhile", async () => {
    const cap = new ConcurrencyCap("node", new FakeClock(), 1);
    const limits = [cap];
    const { clock, log, outcomes } = run([{ limits }, { limits }]);
    await clock.advance(100);
    await outcomes;
    expect(log).toEqual([
      "0 0 start",
      "10 0 keep",
      "10 1 start",
      "15 0 ok",
      "20 1 keep",
      "25 1 ok",
    ]);
  });

  it("is the outcome even if the batch runs out of time meanwhile", async () => {
    const { clock, outcomes } = run([{}], { keepMs: 50, batchTimeoutMs: 20 });
    await clock.advance(100);
    expect(await outcomes).toEqual([{ status: "ok", value: "value 0" }]);
  });

  it("is the outcome even if the run is aborted meanwhile", async () => {
    const abort = new AbortController();
    const { clock, outcomes } = run([{}, { dependsOn: [0] }], {
      keepMs: 50,
      drainMs: 5,
      signal: abort.signal,
    });
    await clock.advance(12);
    abort.abort();
    await clock.advance(100);
    expect(await outcomes).toMatchObject([
      { status: "ok", value: "value 0" },
      { status: "aborted" },
    ]);
  });
});

describe("a call that has ended before", () => {
  const ended = { status: "ok", value: "before" } as const;

  it("doesn't run, and what depends on it waits for what it waited for", async () => {
    const { clock, log, outcomes } = run([
      {},
      { dependsOn: [0], ended },
      { dependsOn: [1] },
    ]);
    expect(log).toEqual(["0 1 ok", "0 0 start"]);
    await clock.advance(100);
    expect(log).toContain("15 2 start");
    expect(await outcomes).toMatchObject([
      { value: "value 0" },
      { value: "before" },
      { value: "value 2" },
    ]);
  });

  it("hides no failure of what it waited for", async () => {
    const { clock, outcomes } = run([
      { preset: { status: "refused" } },
      { dependsOn: [0] },
      { dependsOn: [1], ended },
      { dependsOn: [2] },
    ]);
    await clock.advance(100);
    expect(await outcomes).toEqual([
      { status: "refused" },
      { status: "skipped", failed: 0 },
      ended,
      { status: "skipped", failed: 0 },
    ]);
  });

  it("may be the only one", async () => {
    const { log, outcomes } = run([{ ended }]);
    expect(await outcomes).toEqual([ended]);
    expect(log).toEqual(["0 0 ok"]);
  });
});

import type { Wait } from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { createLimits } from "@/limits/create-limits.js";
import { SharedAdmission } from "@/limits/shared-admission.js";
import { FakeClock } from "../support/fake-clock.js";
import { recordBatch, type Step } from "../support/record-batch.js";
import { ScriptedLimits } from "../support/scripted-limits.js";

/** `["dependency 0 0-30", "run 30-40"]`: what fills the time of a call. */
async function timelinesOf(
  steps: readonly Step[],
  clock = new FakeClock(),
  options = {},
): Promise<string[][]> {
  const { calls } = await recordBatch(steps, clock, options);
  return calls.map(({ waits, runs, endMs }) => {
    const spans = [
      ...waits.map((wait) => ({ ...wait, what: whatOf(wait) })),
      ...runs.map((run) => ({
        startMs: run.startMs,
        ms: run.endMs - run.startMs,
        what: "run",
      })),
    ].sort((a, b) => a.startMs - b.startMs);
    let at = 0;
    for (const { startMs, ms } of spans) {
      expect(startMs).toBe(at);
      at += ms;
    }
    expect(at).toBe(endMs);
    return spans.map(
      ({ what, startMs, ms }) => `${what} ${startMs}-${startMs + ms}`,
    );
  });
}

function whatOf(wait: Wait): string {
  return wait.for === "dependency"
    ? `dependency ${wait.index}`
    : `${wait.for} ${wait.limit}`;
}

const cap = (clock: FakeClock) =>
  createLimits("tool t", { concurrency: 1 }, clock);

describe("what a call waited for", () => {
  it("tells the rest before an attempt from the waiting for limits after it", async () => {
    const clock = new FakeClock();
    const limits = cap(clock);
    expect(
      await timelinesOf(
        [
          { name: "t", ms: [10, 5], restMs: 20, limits },
          { name: "u", ms: 50, limits },
        ],
        clock,
      ),
    ).toEqual([
      [
        "run 0-10",
        "retry tool t 10-30",
        "concurrency tool t 30-60",
        "run 60-65",
      ],
      ["concurrency tool t 0-10", "run 10-60"],
    ]);
  });

  it("has no rest where an attempt may follow at once", async () => {
    const [timeline] = await timelinesOf([{ name: "t", ms: [10, 5, 1] }]);
    expect(timeline).toEqual(["run 0-10", "run 10-15", "run 15-16"]);
  });

  it("is known of calls that were aborted while they waited for a limit", async () => {
    const clock = new FakeClock();
    const limits = cap(clock);
    const steps = ["a", "b"].map((name) => ({ name, ms: 50, limits }));
    expect(await timelinesOf(steps, clock, { abortAtMs: 20 })).toEqual([
      ["run 0-50"],
      ["concurrency tool t 0-20"],
    ]);
  });

  it("is known of calls that were aborted while they rested", async () => {
    const steps = [{ name: "t", ms: [10, 5], restMs: 100 }];
    const options = { abortAtMs: 30 };
    expect(await timelinesOf(steps, new FakeClock(), options)).toEqual([
      ["run 0-10", "retry tool t 10-30"],
    ]);
  });

  it("is known of calls that were aborted before what they waited for had ended", async () => {
    const steps = [
      { name: "a", ms: 10 },
      { name: "b", ms: 50 },
      { name: "c", ms: 1, dependsOn: [0, 1] },
    ];
    const options = { abortAtMs: 30 };
    expect(await timelinesOf(steps, new FakeClock(), options)).toEqual([
      ["run 0-10"],
      ["run 0-50"],
      ["dependency 1 0-30"],
    ]);
  });

  it("is the call that failed, of a call that was skipped", async () => {
    const steps = [
      { name: "a", ms: 10, fails: true },
      { name: "b", ms: 5, dependsOn: [0] },
    ];
    expect(await timelinesOf(steps)).toEqual([
      ["run 0-10"],
      ["dependency 0 0-10"],
    ]);
  });

  it("is the identical call, of a call that shares an answer", async () => {
    const steps = [
      { name: "get", ms: 10 },
      { name: "get", ms: 10 },
    ];
    expect(await timelinesOf(steps)).toEqual([
      ["run 0-10"],
      ["dependency 0 0-10"],
    ]);
  });

  it("is known of calls whose limits could not be had", async () => {
    const clock = new FakeClock();
    const elsewhere = new ScriptedLimits();
    elsewhere.onAsk = (ask) =>
      clock.schedule(() => ask.reject(new Error("no limits")), 30);
    const declared = [{ name: "resource db", concurrency: 1 }];
    const limits = [new SharedAdmission(declared, elsewhere, clock)];
    expect(await timelinesOf([{ name: "t", ms: 5, limits }], clock)).toEqual([
      ["concurrency resource db 0-30"],
    ]);
  });

  it("is summed up by reason", async () => {
    const clock = new FakeClock();
    const limits = cap(clock);
    const { waitedMs } = await recordBatch(
      [
        { name: "t", ms: [10, 5], restMs: 20, limits },
        { name: "u", ms: 50, limits },
        { name: "v", ms: 1, dependsOn: [0] },
      ],
      clock,
    );
    expect(waitedMs).toEqual({
      message: 0,
      dependency: 65,
      concurrency: 40,
      rate: 0,
      feedback: 0,
      circuit: 0,
      retry: 20,
    });
  });
});

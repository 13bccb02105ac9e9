import { fc, test } from "@fast-check/vitest";
import type { BatchReport } from "parallel-tools-node";
import { type TraceEvent, reportToTrace } from "parallel-tools-node/report";
import { describe, expect, it } from "vitest";
import { createLimits } from "@/limits/create-limits.js";
import { arbitraryBatch } from "../support/arbitrary-batch.js";
import { traceProblems } from "../support/check-trace.js";
import { FakeClock } from "../support/fake-clock.js";
import { recordBatch } from "../support/record-batch.js";
import { nestedReports, sampleTree } from "../support/nested-report.js";
import { sampleReport } from "../support/sample-report.js";

/** `["X 2 run 180000+210000 get_person"]`, times in microseconds. */
function linesOf(events: readonly TraceEvent[]): string[] {
  return events.flatMap((event) => {
    switch (event.ph) {
      case "X":
        return `X ${event.tid} ${event.cat} ${event.ts}+${event.dur} ${event.name}`;
      case "i":
        return `i ${event.tid} ${event.ts} ${event.name}`;
      case "M":
        return [];
      default:
        return `${event.ph} ${event.tid} ${event.id} ${event.ts}`;
    }
  });
}

async function smallReport(): Promise<BatchReport> {
  return recordBatch(
    [
      { name: "a", ms: 10 },
      { name: "b", ms: [5, 5], restMs: 2, fails: true, dependsOn: [0] },
      { name: "c", ms: 1, dependsOn: [1] },
    ],
    new FakeClock(),
  );
}

describe("reportToTrace", () => {
  it("has a slice for each wait and each attempt, and arrows between calls that ran", async () => {
    const { traceEvents } = reportToTrace(await smallReport());
    expect(linesOf(traceEvents)).toEqual([
      "X 1 run 0+10000 a",
      "X 2 wait 0+10000 waits for call 1",
      "X 2 run 10000+5000 b",
      "X 2 wait 15000+2000 waits for back-off of tool b",
      "X 2 run 17000+5000 b",
      "X 3 wait 0+22000 waits for call 2",
      "i 3 22000 skipped",
      "s 1 1:1-2 9999",
      "f 2 1:1-2 10000",
    ]);
  });

  it("names batches and calls, in their order", async () => {
    const { traceEvents } = reportToTrace(await smallReport());
    const named = traceEvents.flatMap((event) =>
      event.ph === "M"
        ? [[event.name, event.tid, Object.values(event.args)[0]]]
        : [],
    );
    expect(named).toEqual([
      ["process_name", 0, "batch 1: 3 calls, chain"],
      ["process_sort_index", 0, 1],
      ["thread_name", 1, "1 a"],
      ["thread_sort_index", 1, 0],
      ["thread_name", 2, "2 b"],
      ["thread_sort_index", 2, 1],
      ["thread_name", 3, "3 c"],
      ["thread_sort_index", 3, 2],
    ]);
  });

  it("puts batches where they were in time, each in a process of its own", async () => {
    const first = await smallReport();
    const later = { ...first, beganAt: first.beganAt + 1_000 };
    const { traceEvents } = reportToTrace([later, first]);
    const starts = traceEvents.flatMap((event) =>
      event.ph === "X" && event.name === "a" ? [[event.pid, event.ts]] : [],
    );
    expect(starts).toEqual([
      [1, 1_000_000],
      [2, 0],
    ]);
    expect(reportToTrace([])).toEqual({
      traceEvents: [],
      displayTimeUnit: "ms",
    });
  });

  it("is what the format wants, for every kind of wait and outcome", async () => {
    const report = await sampleReport();
    expect(traceProblems(JSON.stringify(reportToTrace(report)))).toEqual([]);
  });

  test.prop(
    [
      arbitraryBatch(16),
      fc.option(fc.nat({ max: 90 })),
      fc.double({ min: 0, max: 2e12, noNaN: true }),
    ],
    {
      examples: [
        [
          {
            limits: [],
            calls: [
              { durationMs: 4, dependsOn: [], limits: [], cost: 1, ends: "ok" },
              {
                durationMs: 1,
                dependsOn: [0],
                limits: [],
                cost: 1,
                ends: "ok",
              },
            ],
          },
          null,
          // Where a double can't hold a sum of times to the nanosecond.
          2285544370.217822,
        ],
      ],
    },
  )(
    "is what the format wants, for any batch at any time",
    async ({ calls, limits: options }, abortAtMs, beganAt) => {
      const clock = new FakeClock();
      const limits = options.map((one, i) =>
        createLimits(`limit ${i}`, one, clock),
      );
      const report = await recordBatch(
        calls.map((call) => ({
          name: "t",
          ms: call.durationMs / 7,
          dependsOn: call.dependsOn,
          limits: call.limits.flatMap((i) => limits[i] ?? []),
          cost: call.cost,
          fails: call.ends === "error",
        })),
        clock,
        abortAtMs === null ? {} : { abortAtMs },
      );
      const trace = reportToTrace([
        { ...report, beganAt },
        { ...report, beganAt: 0 },
      ]);
      expect(traceProblems(JSON.stringify(trace))).toEqual([]);
    },
  );

  it("has arguments only where the report has them, and bounds what is hostile", async () => {
    const name = `x\u0000\u202E${"y".repeat(1e6)}`;
    const report = await recordBatch(
      [{ name, ms: 1, args: { q: "secret" } }],
      new FakeClock(),
    );
    expect(JSON.stringify(reportToTrace(report))).not.toContain("secret");
    const args = { q: "told", big: 1n, more: "z".repeat(1e6) };
    const calls = [{ ...report.calls[0]!, id: name, args }];
    const json = JSON.stringify(reportToTrace({ ...report, calls }));
    expect(json).toContain(String.raw`{\"q\":\"told\",\"big\":\"1n\"`);
    expect(json.length).toBeLessThan(20_000);
    expect(json).not.toMatch(/\p{Cf}|\\u0000/u);
    expect(traceProblems(json)).toEqual([]);
  });
});

describe("reportToTrace, of batches inside of calls", () => {
  it("puts them after the batch around, with an arrow from the call", async () => {
    const { traceEvents } = reportToTrace(await sampleTree());
    expect(
      traceEvents.flatMap((event) =>
        event.ph === "M" && event.name === "process_name"
          ? [event.args["name"]]
          : [],
      ),
    ).toEqual([
      "batch 1: 3 calls, mixed",
      "batch 2: 2 calls, fan-out, inside of 1 ask of batch 1",
      "batch 3: 1 calls, single, inside of 1 ask of batch 1",
      "batch 4: 2 calls, chain, inside of 2 ask of batch 1",
      "batch 5: 2 calls, chain, inside of 2 ask of batch 4",
    ]);
    const drawn = traceEvents.flatMap((event) =>
      "cat" in event && (event.cat === "batch" || event.cat === "inside")
        ? [`${event.ph} ${event.pid} ${event.tid} at ${event.ts}`]
        : [],
    );
    expect(drawn).toEqual([
      "X 2 0 at 10000",
      "s 1 1 at 10000",
      "f 2 0 at 10000",
      "X 3 0 at 70000",
      "s 1 1 at 70000",
      "f 3 0 at 70000",
      "X 4 0 at 5000",
      "s 1 2 at 5000",
      "f 4 0 at 5000",
      "X 5 0 at 25000",
      "s 4 2 at 25000",
      "f 5 0 at 25000",
    ]);
  });

  const span = fc.record({
    beganMs: fc.double({ min: 0, max: 90, noNaN: true }),
    ms: fc.nat({ max: 60 }),
    inside: fc.nat(),
  });
  test.prop([
    fc.array(span, { minLength: 1, maxLength: 8 }),
    fc.double({ min: 0, max: 2e12, noNaN: true }),
  ])("is what the format wants, wherever they lie", async (spans, beganAt) => {
    const reports = await nestedReports(
      spans.map(({ beganMs, ms, inside }, i) => ({
        id: `${i}`,
        beganMs,
        ...(i > 0 && { inside: [`${inside % i}`, 0] as const }),
        steps: [{ name: "t", ms: ms / 7 }],
      })),
    );
    const moved = reports.map((one) => ({
      ...one,
      beganAt: one.beganAt - Date.UTC(2026, 0, 1) + beganAt,
    }));
    expect(traceProblems(JSON.stringify(reportToTrace(moved)))).toEqual([]);
  });

  it("bounds the name of the call around", async () => {
    const reports = await sampleTree();
    const name = `x\u0000\u202E${"y".repeat(1e6)}`;
    const inside = { batchId: "plan", index: 0, id: "p", name };
    const named = reports.map((one) => (one.inside ? { ...one, inside } : one));
    const json = JSON.stringify(reportToTrace(named));
    expect(json).toContain("inside of 1 x");
    expect(json.length).toBeLessThan(20_000);
    expect(json).not.toMatch(/\p{Cf}|\\u0000/u);
  });
});

describe("the check of traces", () => {
  const slice = {
    ph: "X",
    name: "a",
    cat: "run",
    pid: 1,
    tid: 1,
    ts: 0,
    dur: 5,
    args: {},
  };
  const flow = { name: "d", cat: "d", id: "1", pid: 1, tid: 1 };
  const problemsOf = (...traceEvents: object[]) =>
    traceProblems(JSON.stringify({ traceEvents, displayTimeUnit: "ms" }));

  it.each([
    ["a phase that is none", [{ ...slice, ph: "Z" }]],
    ["a slice without a duration", [{ ...slice, dur: undefined }]],
    ["a time that is none", [{ ...slice, ts: null }]],
    ["a thread that is none", [{ ...slice, tid: "one" }]],
    [
      "an unknown name of metadata",
      [{ ph: "M", name: "x", pid: 1, tid: 1, args: {} }],
    ],
    ["slices that overlap", [slice, { ...slice, ts: 3 }]],
    ["an arrow without an end", [slice, { ...flow, ph: "s", ts: 1 }]],
    [
      "an arrow from where nothing runs",
      [
        slice,
        { ...slice, ts: 6 },
        { ...flow, ph: "s", ts: 5 },
        { ...flow, ph: "f", bp: "e", ts: 6 },
      ],
    ],
    [
      "an arrow to whatever comes next",
      [slice, { ...flow, ph: "s", ts: 1 }, { ...flow, ph: "f", ts: 2 }],
    ],
  ])("finds %s", (_, events) => {
    expect(problemsOf(...events)).toHaveLength(1);
  });

  it("finds nothing wrong with slices that meet or lie within each other", () => {
    expect(
      problemsOf(slice, { ...slice, ts: 5 }, { ...slice, ts: 1, dur: 2 }),
    ).toEqual([]);
  });
});

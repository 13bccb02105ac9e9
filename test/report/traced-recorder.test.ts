import type { BatchTrace, BatchTracer } from "parallel-tools-node";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeClock } from "../support/fake-clock.js";
import { recordBatch } from "../support/record-batch.js";

const steps = [
  { name: "a", ms: 10, args: { q: 1 } },
  { name: "b", ms: [5, 5], restMs: 1, fails: true, dependsOn: [0] },
  { name: "c", ms: 1, dependsOn: [1] },
];

/** A trace that logs each call of its methods. */
function logging(log: string[], changes: Partial<BatchTrace> = {}) {
  const tracer: BatchTracer = {
    begin({ plan, beganAt }) {
      log.push(`begin ${plan.calls.length} at ${beganAt}`);
      return {
        runCall(call, run) {
          const { ordinal, name, attempt, startMs, args } = call;
          log.push(
            `run ${ordinal} ${name} attempt ${attempt} at ${startMs} with ${JSON.stringify(args)}`,
          );
          run();
        },
        endCall({ ordinal, outcome, endMs }, { error, output }) {
          const end = error ?? JSON.stringify(output?.());
          log.push(`end ${ordinal} ${outcome} at ${endMs}: ${String(end)}`);
        },
        end({ durationMs }) {
          log.push(`end after ${durationMs}`);
        },
        ...changes,
      };
    },
  };
  return tracer;
}

describe("a tracer", () => {
  it("hears of every attempt before it starts, and of every end", async () => {
    const log: string[] = [];
    const onStart = (position: number) => log.push(`${"abc"[position]} starts`);
    await recordBatch(steps, new FakeClock(), {
      tracer: logging(log),
      onStart,
    });
    expect(log).toEqual([
      `begin 3 at ${Date.UTC(2026, 0, 1, 0, 0, 1)}`,
      'run 1 a attempt 1 at 0 with {"q":1}',
      "a starts",
      'end 1 ok at 10: {"status":"ok"}',
      "run 2 b attempt 1 at 10 with {}",
      "b starts",
      "run 2 b attempt 2 at 16 with {}",
      "b starts",
      "end 2 error at 21: RangeError: it broke",
      'end 3 skipped at 21: {"status":"skipped"}',
      "end after 21",
    ]);
  });

  it("that doesn't want to know of a batch is asked nothing more", async () => {
    const tracer = { begin: vi.fn<() => undefined>(() => undefined) };
    await recordBatch(steps, new FakeClock(), { tracer });
    expect(tracer.begin).toHaveBeenCalledTimes(1);
  });
});

describe("a tracer that misbehaves changes nothing", () => {
  beforeEach(() => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  const fail = () => {
    throw new Error("no");
  };

  async function starts(tracer: BatchTracer): Promise<string[]> {
    const log: string[] = [];
    const report = await recordBatch(steps, new FakeClock(), {
      tracer,
      onStart: (position) => log.push(`start ${"abc"[position]}`),
    });
    const { beganAt: _, ...rest } = report;
    const { beganAt: __, ...plain } = await recordBatch(steps, new FakeClock());
    expect(rest).toEqual(plain);
    return log;
  }
  const once = ["start a", "start b", "start b"];

  it("and is a warning, when it throws", async () => {
    expect(await starts({ begin: fail })).toEqual(once);
    const broken = { runCall: fail, endCall: fail, end: fail };
    expect(await starts(logging([], broken))).toEqual(once);
    const told = vi.mocked(console.warn).mock.calls.map(([text]) => text);
    expect(new Set(told)).toEqual(
      new Set(
        ["begin", "runCall", "endCall", "end"].map(
          (step) => `parallel-tools-node: \`tracer.${step}\` failed.`,
        ),
      ),
    );
  });

  it("when it starts a call not at all, twice, late, or throws after it", async () => {
    const later: (() => void)[] = [];
    const ways: BatchTrace["runCall"][] = [
      () => {},
      (_, run) => {
        run();
        run();
      },
      (_, run) => {
        later.push(run);
      },
      (_, run) => {
        run();
        fail();
      },
    ];
    for (const runCall of ways) {
      expect(await starts(logging([], { runCall }))).toEqual(once);
    }
    for (const run of later) run();
    expect(later).toHaveLength(3);
  });
});

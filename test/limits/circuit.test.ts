import { describe, expect, it } from "vitest";
import { Circuit } from "@/limits/circuit.js";
import { CircuitOpenError } from "@/errors/circuit-open-error.js";
import type { Limit } from "@/limits/limit.js";
import { runSchedule } from "../support/run-schedule.js";
import { FakeClock, settle } from "../support/fake-clock.js";

function circuitUnderTest(failures = 3, resetMs = 100) {
  const clock = new FakeClock();
  const circuit = new Circuit("resource db", clock, { failures, resetMs });
  const isOpen = () => !circuit.hasRoom(1, clock.now());
  /** A call that takes no time. */
  const call = (verdict: "works" | "fails" | "unknown") => {
    const now = clock.now();
    circuit.take(1, now);
    circuit.ended(now, now, verdict);
    circuit.release();
  };
  return { clock, circuit, isOpen, call };
}

describe("a circuit", () => {
  it("opens after failures in a row, and a success begins anew", () => {
    const { isOpen, call } = circuitUnderTest();
    for (const verdict of ["fails", "fails", "works", "fails"] as const) {
      call(verdict);
    }
    expect(isOpen()).toBe(false);
    call("unknown");
    call("fails");
    expect(isOpen()).toBe(false);
    call("fails");
    expect(isOpen()).toBe(true);
  });

  it("lets one call pass when it has been open for resetMs, and closes when that works", async () => {
    const { clock, circuit, isOpen, call } = circuitUnderTest(1);
    call("fails");
    await clock.advance(99);
    expect(isOpen()).toBe(true);
    await clock.advance(1);
    expect(isOpen()).toBe(false);
    circuit.take(1, 100);
    expect(isOpen()).toBe(true);
    circuit.ended(100, 110, "works");
    expect(isOpen()).toBe(false);
  });

  it("opens again when the call that was tried fails", async () => {
    const { clock, isOpen, call } = circuitUnderTest(2);
    call("fails");
    call("fails");
    await clock.advance(100);
    call("fails");
    expect(isOpen()).toBe(true);
    await clock.advance(100);
    expect(isOpen()).toBe(false);
  });

  it("tries the next call when one says nothing, or takes too long", async () => {
    const { clock, circuit, isOpen, call } = circuitUnderTest(1);
    call("fails");
    await clock.advance(100);
    call("unknown");
    expect(isOpen()).toBe(false);
    circuit.take(1, clock.now());
    await clock.advance(99);
    expect(isOpen()).toBe(true);
    await clock.advance(1);
    expect(isOpen()).toBe(false);
    circuit.take(1, 200);
    // The first one is not asked any more.
    circuit.ended(100, 201, "works");
    expect(isOpen()).toBe(true);
    circuit.ended(200, 202, "works");
    expect(isOpen()).toBe(false);
  });

  it("hears nothing from calls that started before it changed", async () => {
    const { clock, circuit, isOpen, call } = circuitUnderTest(1);
    circuit.take(1, 0);
    circuit.take(1, 0);
    circuit.take(1, 0);
    await clock.advance(10);
    call("fails");
    circuit.ended(0, 10, "works");
    expect(isOpen()).toBe(true);
    await clock.advance(100);
    circuit.ended(0, 110, "works");
    circuit.take(1, 110);
    circuit.ended(110, 110, "works");
    circuit.ended(0, 120, "fails");
    expect(isOpen()).toBe(false);
  });
});

describe("calls of a resource with a circuit", () => {
  type End = "works" | "fails" | "unknown";

  /** Calls that end after 10 ms, one after the other. */
  function run(ends: readonly End[], circuit: Circuit, clock: FakeClock) {
    const log: string[] = [];
    const startedAt: number[] = [];
    const limits: readonly Limit[] = [circuit];
    const outcomes = runSchedule<string>({
      calls: ends.map(() => ({ dependsOn: [], limits, cost: 1 })),
      execute: async (position) => {
        startedAt[position] = clock.now();
        log.push(`${position} start ${clock.now()}`);
        await clock.sleep(10);
        return ends[position] as End;
      },
      judgeValue: (position, verdict) => {
        circuit.ended(startedAt[position]!, clock.now(), verdict as End);
        log.push(`${position} ${verdict} ${clock.now()}`);
        return { status: "ok", value: verdict };
      },
      judgeError: (_, error) => ({ status: "error", error }),
      judgeUnstarted: (position, error) => {
        log.push(`${position} told ${clock.now()}`);
        return { status: "error", error };
      },
      clock,
    });
    return { log, outcomes };
  }

  it("are told at once while it is open, with the time that is left", async () => {
    const { clock, circuit, call } = circuitUnderTest(1, 30_000);
    call("fails");
    await clock.advance(10_000);
    const { log, outcomes } = run(["works", "works"], circuit, clock);
    await clock.advance(0);
    expect(log).toEqual(["0 told 10000", "1 told 10000"]);
    const [first] = await outcomes;
    expect(CircuitOpenError.isInstance(first?.error)).toBe(true);
    expect(first?.error).toMatchObject({
      limit: "resource db",
      failures: 1,
      retryAfterMs: 20_000,
      message:
        "1 call of resource db failed, so its circuit is open and this call was not run. A call is tried again in 20 s.",
    });
    expect(clock.pending).toBe(0);
  });

  it("wait for the one that is tried, and run when it works", async () => {
    const { clock, circuit, call } = circuitUnderTest(1);
    call("fails");
    await clock.advance(100);
    const { log, outcomes } = run(["works", "works", "works"], circuit, clock);
    await clock.drain();
    await outcomes;
    expect(log).toEqual([
      "0 start 100",
      "0 works 110",
      "1 start 110",
      "2 start 110",
      "1 works 120",
      "2 works 120",
    ]);
    expect(clock.pending).toBe(0);
  });

  it("wait for the one that is tried, and are told when it fails", async () => {
    const { clock, circuit, call } = circuitUnderTest(1);
    call("fails");
    await clock.advance(100);
    const { log, outcomes } = run(["fails", "works"], circuit, clock);
    await clock.drain();
    await outcomes;
    expect(log).toEqual(["0 start 100", "0 fails 110", "1 told 110"]);
    await settle();
    expect(clock.pending).toBe(0);
  });
});

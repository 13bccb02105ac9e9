import { describe, expect, it } from "vitest";
import type { LimitEvent } from "@/shared/protocol.js";
import { ServerClock } from "@/shared/server-clock.js";

/** By the server's clock, which is 1,000,000 ms ahead of ours. */
const serverTime = (ms: number) => String((1_000_000 + ms) * 1_000);

const queued = (ms: number): LimitEvent => ({
  kind: "queued",
  ticket: "1",
  at: serverTime(ms),
});

/** A clock that has heard answers: made, run by the script, received. */
function clockAfter(...answers: [number, number, number][]): ServerClock {
  const clock = new ServerClock();
  for (const [madeAt, ranAt, receivedAt] of answers) {
    clock.observe([queued(ranAt)], madeAt, receivedAt);
  }
  return clock;
}

describe("the server's time", () => {
  it("is not known before the first answer, nor from one without a time", () => {
    const clock = new ServerClock();
    clock.observe([], 0, 5);
    clock.observe([{ kind: "look", name: "cap", inMs: 5 }], 0, 5);
    clock.observe(
      [{ kind: "granted", ticket: "1", at: "", holds: true }],
      0,
      5,
    );
    expect(clock.toLocal(serverTime(9))).toBe(Number.POSITIVE_INFINITY);
  });

  it("is what the answer says that took least to come", () => {
    const clock = clockAfter([0, 1, 31], [40, 41, 44], [50, 51, 91]);
    expect(clock.toLocal(serverTime(500))).toBe(503);
  });

  it("is told by a start that is booked for later, too", () => {
    const clock = new ServerClock();
    const booked: LimitEvent = {
      kind: "booked",
      ticket: "1",
      waitMs: 400,
      at: serverTime(500),
    };
    clock.observe([{ kind: "lost" }, booked], 99, 102);
    expect(clock.toLocal(serverTime(500))).toBe(502);
  });

  it("counts for no longer than 20 s: clocks drift apart", () => {
    const fast: [number, number, number] = [0, 0, 1];
    const slow = (at: number): [number, number, number] => [at, at, at + 8];
    expect(clockAfter(fast, slow(9_000)).toLocal(serverTime(0))).toBe(1);
    expect(
      clockAfter(fast, slow(9_000), slow(19_000)).toLocal(serverTime(0)),
    ).toBe(1);
    expect(clockAfter(fast, slow(20_001)).toLocal(serverTime(0))).toBe(8);
    expect(
      clockAfter(fast, slow(9_000), slow(11_000), slow(21_500)).toLocal(
        serverTime(0),
      ),
    ).toBe(8);
  });

  it("begins anew when the server's clock has gone back", () => {
    // The script would have run at -5, before it was called.
    const clock = clockAfter([0, 1, 2], [100, 95, 103]);
    expect(clock.toLocal(serverTime(95))).toBe(103);
  });
});

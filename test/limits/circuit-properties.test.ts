import { fc, test as property } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { Circuit, type CircuitVerdict } from "@/limits/circuit.js";
import { FakeClock } from "../support/fake-clock.js";

const verdict = fc.constantFrom<CircuitVerdict>("works", "fails", "unknown");

/** Calls that come in the order of time, each of which takes a while. */
const history = fc.record({
  failures: fc.integer({ min: 1, max: 4 }),
  resetMs: fc.integer({ min: 1, max: 50 }),
  calls: fc.array(
    fc.record({
      gapMs: fc.nat({ max: 20 }),
      durationMs: fc.nat({ max: 60 }),
      verdict,
    }),
    { maxLength: 40 },
  ),
});

/** The same in other words: what is known is worked out anew from all events. */
class Model {
  readonly #failures: number;
  readonly #resetMs: number;
  #row = 0;
  state: "closed" | "open" | "half-open" = "closed";
  #changedAt = Number.NEGATIVE_INFINITY;
  #trial: number | undefined;

  constructor(failures: number, resetMs: number) {
    this.#failures = failures;
    this.#resetMs = resetMs;
  }

  passes(now: number): boolean {
    if (this.state === "open" && now >= this.#changedAt + this.#resetMs) {
      this.state = "half-open";
      this.#trial = undefined;
    }
    if (this.state === "closed") return true;
    if (this.state === "open") return false;
    return this.#trial === undefined || now >= this.#trial + this.#resetMs;
  }

  start(now: number): void {
    if (this.state === "half-open") this.#trial = now;
  }

  end(startedAt: number, now: number, how: CircuitVerdict): void {
    this.passes(now);
    if (this.state === "open") return;
    if (this.state === "half-open") {
      if (this.#trial === undefined || startedAt < this.#trial) return;
      if (how === "unknown") this.#trial = undefined;
      else this.#change(how === "works" ? "closed" : "open", now);
    } else if (how === "works") this.#row = 0;
    else if (how === "fails" && startedAt >= this.#changedAt) {
      this.#row += 1;
      if (this.#row === this.#failures) this.#change("open", now);
    }
  }

  #change(state: "closed" | "open", now: number): void {
    this.state = state;
    this.#changedAt = now;
    this.#row = 0;
    this.#trial = undefined;
  }
}

describe("a circuit", () => {
  property.prop([history], { numRuns: 1_000 })(
    "lets calls pass exactly when a model of it does",
    ({ failures, resetMs, calls }) => {
      const clock = new FakeClock();
      const circuit = new Circuit("r", clock, { failures, resetMs });
      const model = new Model(failures, resetMs);
      const running: {
        startedAt: number;
        endAt: number;
        how: CircuitVerdict;
      }[] = [];
      let now = 0;
      const endUpTo = (time: number) => {
        running.sort((a, b) => a.endAt - b.endAt);
        while (running.length > 0 && running[0]!.endAt <= time) {
          const { startedAt, endAt, how } = running.shift()!;
          expect(circuit.hasRoom(1, endAt)).toBe(model.passes(endAt));
          circuit.ended(startedAt, endAt, how);
          model.end(startedAt, endAt, how);
        }
      };
      for (const { gapMs, durationMs, verdict: how } of calls) {
        now += gapMs;
        endUpTo(now);
        const passes = circuit.hasRoom(1, now);
        expect(passes).toBe(model.passes(now));
        if (!passes) continue;
        circuit.take(1, now);
        model.start(now);
        running.push({ startedAt: now, endAt: now + durationMs, how });
      }
      endUpTo(Number.POSITIVE_INFINITY);
      expect(clock.pending).toBe(0);
    },
  );

  property.prop([history], { numRuns: 300 })(
    "that stays open for resetMs lets nothing pass in between, and then one",
    ({ failures, resetMs }) => {
      const circuit = new Circuit("r", new FakeClock(), { failures, resetMs });
      for (let i = 0; i < failures; i += 1) {
        expect(circuit.hasRoom(1, 0)).toBe(true);
        circuit.take(1, 0);
        circuit.ended(0, 0, "fails");
      }
      for (let at = 0; at < resetMs; at += 1) {
        expect(circuit.hasRoom(1, at)).toBe(false);
      }
      expect(circuit.hasRoom(1, resetMs)).toBe(true);
      circuit.take(1, resetMs);
      expect(circuit.hasRoom(1, resetMs)).toBe(false);
    },
  );
});

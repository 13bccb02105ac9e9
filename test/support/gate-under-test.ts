import { FeedbackGate, type Refusal } from "@/limits/feedback-gate.js";
import { type Holder, outsider } from "@/limits/slots.js";
import { FakeClock } from "./fake-clock.js";

/** The longest pause. */
export const MAX = 60_000;

/** A gate whose calls are alike, so that it doesn't matter which of them ends. */
class GateOfAnyCalls extends FeedbackGate {
  readonly #running: Holder[] = [];

  override take(cost: number, now: number): void {
    const call = outsider();
    this.#running.push(call);
    super.take(cost, now, call);
  }

  override release(cost: number): void {
    super.release(cost, this.#running.shift() as Holder);
  }
}

/** A gate on a fake clock, and short ways to use it. */
export function gateUnderTest(
  options: {
    learns?: boolean;
    startsCarefully?: boolean;
    random?: () => number;
  } = {},
) {
  const clock = new FakeClock();
  const pauses: number[] = [];
  const gate = new GateOfAnyCalls("resource serp", clock, {
    learns: options.learns ?? false,
    startsCarefully: options.startsCarefully ?? false,
    random: options.random ?? (() => 0),
    onPause: (ms) => pauses.push(ms),
  });
  const refuse = (fields: Partial<Refusal> = {}) => {
    const now = clock.now();
    const ms = gate.refuse({ startedAt: now, now, maxPauseMs: MAX, ...fields });
    gate.release(1);
    return ms;
  };
  const take = () => gate.take(1, clock.now());
  const isOpen = () => gate.hasRoom(1, clock.now());
  return { clock, gate, pauses, refuse, take, isOpen };
}

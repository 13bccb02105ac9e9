import { FeedbackGate, type Refusal } from "@/limits/feedback-gate.js";
import { FakeClock } from "./fake-clock.js";

/** The longest pause. */
export const MAX = 60_000;

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
  const gate = new FeedbackGate("resource serp", clock, {
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

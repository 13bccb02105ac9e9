import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { systemClock } from "@/limits/clock.js";

const LONGEST_TIMER_MS = 2 ** 31 - 1;
const MONTH_MS = 31 * 86_400_000;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A log of when a wait of so many milliseconds is over. */
function wait(ms: number, isBackground?: boolean) {
  const startedAt = systemClock.now();
  const log: number[] = [];
  const cancel = systemClock.schedule(
    () => log.push(systemClock.now() - startedAt),
    ms,
    isBackground,
  );
  return { log, cancel };
}

test("the clock waits for as long as a timer can", () => {
  const { log } = wait(LONGEST_TIMER_MS);
  vi.advanceTimersByTime(LONGEST_TIMER_MS - 1);
  expect(log).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(log).toEqual([LONGEST_TIMER_MS]);
});

test.each([LONGEST_TIMER_MS + 1, 12 * MONTH_MS])(
  "the clock waits for %i ms, which is longer than a timer can",
  (ms) => {
    const { log } = wait(ms);
    vi.advanceTimersByTime(ms - 1);
    expect(log).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(log).toEqual([ms]);
    expect(vi.getTimerCount()).toBe(0);
  },
);

test("the clock waits for ever where that is asked for", () => {
  const { log, cancel } = wait(Number.POSITIVE_INFINITY);
  vi.advanceTimersByTime(120 * MONTH_MS);
  expect(log).toEqual([]);
  cancel();
  expect(vi.getTimerCount()).toBe(0);
});

test.each([0, 1, 3])(
  "a long wait can be cancelled after %i months",
  (months) => {
    const { log, cancel } = wait(4 * MONTH_MS);
    vi.advanceTimersByTime(months * MONTH_MS);
    cancel();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(12 * MONTH_MS);
    expect(log).toEqual([]);
  },
);

test("no timer of a long wait in the background keeps the process from ending", () => {
  const unref = vi.fn<() => void>();
  const setTimer = vi.spyOn(globalThis, "setTimeout");
  setTimer.mockImplementation(((callback: () => void) => {
    if (unref.mock.calls.length < 2) queueMicrotask(callback);
    return { unref };
  }) as unknown as typeof setTimeout);
  wait(3 * MONTH_MS, true);
  return vi.waitFor(() => expect(unref).toHaveBeenCalledTimes(3));
});

import { afterEach, beforeEach, vi } from "vitest";

/** Each test of the file has timers of its own. */
export function useFakeTimers(): void {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}

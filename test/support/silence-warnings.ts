import { beforeEach, type Mock, vi } from "vitest";

/** Keeps the warnings of each test of this file from the console. */
export function silenceWarnings(): Mock<(...words: unknown[]) => void> {
  const warn = vi.fn<(...words: unknown[]) => void>();
  beforeEach(() => {
    warn.mockReset();
    vi.spyOn(console, "warn").mockImplementation(warn);
  });
  return warn;
}

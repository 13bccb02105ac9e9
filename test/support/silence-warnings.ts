import { beforeEach, type Mock, vi } from "vitest";

/** Tests make their resources anew, so that each has limits of its own. */
const RESOURCES_ANEW = /^parallel-tools-node: two different resources /;

/**
 * Keeps the warnings of each test of this file from the console. Counts all but
 * those about resources of other tests with the same name.
 */
export function silenceWarnings(): Mock<(...words: unknown[]) => void> {
  const warn = vi.fn<(...words: unknown[]) => void>();
  beforeEach(() => {
    warn.mockReset();
    vi.spyOn(console, "warn").mockImplementation((...words: unknown[]) => {
      if (!RESOURCES_ANEW.test(String(words[0]))) warn(...words);
    });
  });
  return warn;
}

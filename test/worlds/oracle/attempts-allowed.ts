import type { ToolDraw } from "../world.js";

/** How often a call may be run in all, where each time it fails like that. */
export interface AttemptsAllowed {
  /** So often it is run: it ends well if it works within them. */
  readonly least: number;
  /** More is wrong. */
  readonly most: number;
}

const ONCE: AttemptsAllowed = { least: 1, most: 1 };

/**
 * R16: a tool is run again only if it is `readOnly`, `idempotent`, or has a
 * `retry`. How often, where nothing was said, is left open.
 */
export function attemptsAllowed(
  { hasPolicy, retry, promise }: ToolDraw,
  how: "throw" | "429" | "hang",
): AttemptsAllowed {
  if (!hasPolicy || retry === false) return ONCE;
  if (retry !== "unsaid") {
    return { least: retry.maxAttempts, most: retry.maxAttempts };
  }
  if (promise === "none") return ONCE;
  return { least: 3, most: how === "429" ? 10 : 3 };
}

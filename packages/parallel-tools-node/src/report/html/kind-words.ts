import type { Segment } from "../timeline.js";
import { WAIT_WORDS } from "../words/wait-words.js";

/** What each kind of segment is called in a legend. */
export const KIND_WORDS: Readonly<Record<Segment["kind"], string>> = {
  running: "running",
  failed: "failed attempt",
  ...WAIT_WORDS,
  dependency: "waiting for another call",
  concurrency: "waiting for a cap",
  rate: "waiting for a rate limit",
  feedback: "pause after a refusal",
  circuit: "trial after failures",
  retry: "back-off before a retry",
};

export const KINDS = Object.keys(KIND_WORDS) as Segment["kind"][];

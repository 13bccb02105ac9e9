import { expect } from "vitest";
import { normalised } from "../../integration/support/normalised.js";
import { byCall } from "./by-call.js";
import type { EagerHost } from "./hosts.js";
import { play, type Scene, type Seen } from "./play.js";

interface Comparable {
  readonly state: unknown;
  readonly error: string;
  readonly chunks: unknown;
  readonly told: unknown;
  readonly checkpoints: unknown;
}

/** What a user sees of a run, but for its times. */
function visible(seen: Seen): Comparable {
  return {
    state: comparable(seen.state),
    error: String(seen.error),
    chunks: comparable(byCall(seen.chunks)),
    told: comparable(byCall(seen.told)),
    checkpoints: comparable(seen.checkpoints),
  };
}

/** LangChain tells the model where in the code its arguments were refused. */
const STACK = /(?:\\n\s+at [^\n"\\]*)+/g;

function comparable(value: unknown): unknown {
  return JSON.parse(JSON.stringify(normalised(value)).replaceAll(STACK, ""));
}

/** How exactly two runs have to be the same. */
export interface Sameness {
  /**
   * `"state"`: what is told while calls end side by side, and are aborted, is a matter of
   * their times.
   *
   * @default "all"
   */
  readonly of?: "all" | "state";
  /** Early runs wait so long for calls that never come. */
  readonly leavesTimers?: boolean;
}

/**
 * Plays a scene without and with eager start.
 *
 * @throws AssertionError where what is seen differs, or something is left
 */
export async function expectSame(
  host: EagerHost,
  scene: Scene | (() => Scene),
  { of = "all", leavesTimers = false }: Sameness = {},
): Promise<{ readonly plain: Seen; readonly eager: Seen }> {
  const create = typeof scene === "function" ? scene : () => scene;
  const plain = await play(host, create(), false);
  const eager = await play(host, create(), true);
  const [without, withIt] = [visible(plain), visible(eager)];
  expect(withIt.state).toEqual(without.state);
  expect(withIt.error).toBe(without.error);
  if (of === "all") expect(withIt).toEqual(without);
  expect(eager.timersLeftAtLast).toBe(plain.timersLeftAtLast);
  // A host that fails after the model has answered tells nobody that no call will come.
  if (!leavesTimers && !plain.error) {
    expect(eager.timersLeft).toBe(plain.timersLeft);
  }
  // What was discarded has paid its rates.
  const isDiscarded = eager.reports.some(({ discarded }) => discarded?.length);
  if (!plain.error && !isDiscarded) {
    expect(eager.tookMs).toBeLessThanOrEqual(plain.tookMs);
  }
  return { plain, eager };
}

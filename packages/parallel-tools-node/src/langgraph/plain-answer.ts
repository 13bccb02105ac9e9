import { isDeepStrictEqual } from "node:util";
import { type OpenCheckpoint, RESUME } from "./pending-writes.js";
import type { PlainAnswer } from "./task.js";

/** The timers of a clock. In the background, one doesn't keep the process alive. */
export interface Timers {
  schedule(act: () => void, delayMs: number, isBackground?: boolean): unknown;
}

/** LangGraph keeps a plain answer under this id (`NULL_TASK_ID`). */
const NO_TASK = "00000000-0000-0000-0000-000000000000";

/** After how long a write is looked for that is on its way: the run waits. */
const LOOKS_MS = [0, 1, 2, 4, 8, 16, 32];
/** As before, where the checkpointer has kept everything in time so far. */
const MORE_LOOKS_MS = [64, 128, 256, 512];
/** As before, but the run goes on; for ten minutes. */
const LATER_LOOKS_MS = Array.from({ length: 152 }, (_, look) =>
  Math.min(64 * 2 ** look, 4_096),
);

/** Those that did not keep an answer in time: they may keep it at the end. */
const lateSavers = new WeakSet<object>();

/** Plain answers that a checkpointer is still expected to keep, by their places. */
const expected = new WeakMap<object, Map<string, PlainAnswer>>();

/**
 * Takes a plain answer off the checkpoints that a task stands below, so that it
 * doesn't come back when the run goes on once more.
 *
 * LangGraph (1.7.3) may still be about to keep it. With durability `"exit"` it
 * does so when the run has ended; of the task's own graph what was taken from
 * memory is not kept then, of a graph around it all is. So it is looked for once
 * more later, and what comes back before that is known by its value.
 *
 * @returns whether it is one that came back
 */
export async function isOldAnswer(
  checkpoints: readonly OpenCheckpoint[],
  answer: PlainAnswer,
  timers: Timers,
): Promise<boolean> {
  const isOld = await Promise.all(
    checkpoints.map((checkpoint) => isOldAt(checkpoint, answer, timers)),
  );
  return isOld.includes(true);
}

async function isOldAt(
  checkpoint: OpenCheckpoint,
  answer: PlainAnswer,
  timers: Timers,
): Promise<boolean> {
  const { saver, place } = checkpoint;
  const places = expected.get(saver) ?? new Map<string, PlainAnswer>();
  expected.set(saver, places);
  const before = places.get(place);
  places.delete(place);
  const cameBack = before !== undefined && (await isTakenOff(checkpoint));
  const isOld = cameBack && isDeepStrictEqual(before.value, answer.value);
  const looksMs = lateSavers.has(saver)
    ? LOOKS_MS
    : [...LOOKS_MS, ...MORE_LOOKS_MS];
  for (const delayMs of looksMs) {
    if (delayMs > 0) await pause(timers, delayMs, false);
    if (await isTakenOff(checkpoint)) return isOld;
  }
  lateSavers.add(saver);
  places.set(place, answer);
  void lookLater();
  return isOld;

  async function lookLater(): Promise<void> {
    for (const delayMs of LATER_LOOKS_MS) {
      await pause(timers, delayMs, true);
      if (places.get(place) !== answer) return;
      if (!(await isTakenOff(checkpoint))) continue;
      if (places.get(place) === answer) places.delete(place);
      return;
    }
    places.delete(place);
  }
}

function pause(
  timers: Timers,
  delayMs: number,
  isBackground: boolean,
): Promise<void> {
  return new Promise((resolve) => {
    timers.schedule(() => resolve(), delayMs, isBackground);
  });
}

/** Whether it was there, and is no more. */
async function isTakenOff(checkpoint: OpenCheckpoint): Promise<boolean> {
  try {
    const isThere = (await checkpoint.read())?.some(
      ([id, channel, value]) =>
        id === NO_TASK && channel === RESUME && value != null,
    );
    if (!isThere) return false;
    // LangGraph takes `undefined` for no answer.
    await checkpoint.put(NO_TASK, [[RESUME, undefined]]);
    return true;
  } catch {
    return false;
  }
}

/**
 * The host's secret: a plain answer, `new Command({ resume: value })`, is a pending
 * write under a task id of zeros. It comes back in the next run unless it is taken
 * off the checkpoint. LangGraph may save it late: with durability `"exit"`, when
 * the run has ended. Then it leaves out what a task of the same graph took from
 * memory, but saves the answer for a graph around it.
 *
 * Read in LangGraph 1.7.0, 1.7.1 and 1.7.3 (`pregel/loop`, `constants`).
 */
import { isDeepStrictEqual } from "node:util";
import type { OpenCheckpoint } from "./pending-writes.js";
import { type PlainAnswer, RESUME } from "./task.js";

/** The timers of a clock. A background timer doesn't keep the process alive. */
export interface Timers {
  schedule(act: () => void, delayMs: number, isBackground?: boolean): unknown;
}

/** LangGraph's `NULL_TASK_ID`. */
const NO_TASK = "00000000-0000-0000-0000-000000000000";

/** Pauses before each look for a write that is not there yet. The run waits. */
const LOOKS_MS = [0, 1, 2, 4, 8, 16, 32];
/** Further pauses, if the checkpointer has always saved in time so far. */
const MORE_LOOKS_MS = [64, 128, 256, 512];
/** Pauses while the run goes on. They add up to ten minutes. */
const LATER_LOOKS_MS = Array.from({ length: 152 }, (_, look) =>
  Math.min(64 * 2 ** look, 4_096),
);

/** A run that began just before an answer was taken off may have read it before. */
const CROSSING_MS = 1_000;

/** Checkpointers that did not save an answer in time. */
const lateSavers = new WeakSet<object>();

/** An answer that may come back. */
interface OldAnswer extends PlainAnswer {
  /** It has been taken off the checkpoint just now. */
  isTakenOff: boolean;
}

/** Plain answers that a checkpointer may still save, by checkpoint. */
const expected = new WeakMap<object, Map<string, OldAnswer>>();

/**
 * Takes a plain answer off the checkpoints above a task, so that it doesn't come
 * back when the run resumes again.
 *
 * If LangGraph has not saved it yet, it is looked for again later. If it comes
 * back before that, it is recognized by its value.
 *
 * @returns whether this answer is one that came back
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

/**
 * Takes off what lies on the checkpoints of the graphs around a task, when the task
 * asks a question: that answer was given before. A graph around this one has one
 * step for all steps of this one, so LangGraph would hand the answer to an earlier
 * step's question to this one, too.
 */
export async function dropEarlierAnswers(
  checkpoints: readonly OpenCheckpoint[],
): Promise<void> {
  await Promise.all(checkpoints.slice(1).map(isTakenOff));
}

async function isOldAt(
  checkpoint: OpenCheckpoint,
  answer: PlainAnswer,
  timers: Timers,
): Promise<boolean> {
  const { saver, place } = checkpoint;
  const places = expected.get(saver) ?? new Map<string, OldAnswer>();
  expected.set(saver, places);
  const before = places.get(place);
  places.delete(place);
  const isEqual =
    before !== undefined && isDeepStrictEqual(before.value, answer.value);
  // It may lie there twice: as it came back, and as it was given once more.
  const cameBack =
    before?.isTakenOff === false && (await isTakenOff(checkpoint));
  const isOld = isEqual && cameBack;
  const looksMs = lateSavers.has(saver)
    ? LOOKS_MS
    : [...LOOKS_MS, ...MORE_LOOKS_MS];
  for (const delayMs of looksMs) {
    if (delayMs > 0) await pause(timers, delayMs, false);
    if (await isTakenOff(checkpoint)) return isOld;
  }
  lateSavers.add(saver);
  const late: OldAnswer = { value: answer.value, isTakenOff: false };
  places.set(place, late);
  void lookLater();
  // It isn't saved. If one like it was taken off just now, it is most likely that.
  return isOld || (isEqual && before.isTakenOff);

  async function lookLater(): Promise<void> {
    for (const delayMs of LATER_LOOKS_MS) {
      await pause(timers, delayMs, true);
      if (places.get(place) !== late) return;
      if (!(await isTakenOff(checkpoint))) continue;
      late.isTakenOff = true;
      await pause(timers, CROSSING_MS, true);
      break;
    }
    if (places.get(place) === late) places.delete(place);
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

/** Takes the answer off a checkpoint. `false`: it was not there. */
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

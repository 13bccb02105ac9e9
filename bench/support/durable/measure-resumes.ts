import { Command } from "@langchain/langgraph";
import { monotonicMs } from "../monotonic-time.js";
import {
  createContender,
  type HostName,
  messageOf,
  type Way,
} from "./contenders.js";
import { newThread, type Setting } from "./measure-lengths.js";

const CALLS = 200;
/** Rounds end when so many are done, or so much time is over. */
const MOST_ROUNDS = 3;
const BUDGET_MS = 6_000;
/** Calls of a batch that isn't counted: it pays for compiling. */
const WARM_UP = 10;

/** What a resume took, one figure per round; by the clock on the wall. */
export interface Resumes {
  /** Milliseconds from the answer until the call that asked has it. */
  readonly answerMs: number[];
  /** Milliseconds from the answer to the end of the run. */
  readonly endMs: number[];
  /** Calls that had finished and are run once more. */
  readonly again: number[];
}

/**
 * Runs batches in which all calls have finished but the last, which asks a
 * human, and resumes them. The ways take turns.
 */
export async function measureResumes(
  setting: Setting,
  host: HostName,
  ways: readonly Way[],
): Promise<Map<Way, Resumes>> {
  const figures = new Map<Way, Resumes>();
  const field = ways.flatMap((way) => {
    const contender = createContender(host, way, setting.saver);
    if (!contender) return [];
    const resumes: Resumes = { answerMs: [], endMs: [], again: [] };
    figures.set(way, resumes);
    return [{ contender, resumes }];
  });
  const startedMs = monotonicMs();
  for (let round = -1; round < MOST_ROUNDS; round += 1) {
    if (round > 0 && monotonicMs() - startedMs > BUDGET_MS) break;
    const calls = round < 0 ? WARM_UP : CALLS;
    const message = messageOf(calls, "fan-out", true);
    for (const { contender, resumes } of field) {
      const { tools, start, resume } = contender;
      const thread = newThread();
      tools.begun = 0;
      await start(message, thread);
      if (tools.begun !== calls) {
        throw new Error(`Expected ${calls} calls to run, got ${tools.begun}.`);
      }
      tools.begun = 0;
      tools.answeredAt = Number.NaN;
      const startMs = monotonicMs();
      await resume(new Command({ resume: "yes" }), thread);
      const endMs = monotonicMs();
      await setting.saver.deleteThread(thread);
      if (Number.isNaN(tools.answeredAt)) {
        throw new Error("Expected the call that asked to have its answer.");
      }
      if (round < 0) continue;
      resumes.answerMs.push(tools.answeredAt - startMs);
      resumes.endMs.push(endMs - startMs);
      resumes.again.push(tools.begun - 1);
    }
  }
  return figures;
}

import {
  type BaseMessage,
  isToolMessage,
  type ToolMessage,
} from "@langchain/core/messages";
import { Command, INTERRUPT, isInterrupted } from "@langchain/langgraph";
import type { Difference } from "./difference.js";
import { createHost, LIBRARY, type Subject } from "./host/create-host.js";
import { createSaver } from "./host/create-saver.js";
import type { LogLine } from "./host/log.js";
import { configurableOf } from "./host/options-of.js";
import { Stage } from "./host/stage.js";
import { Human, type Move, type ShownQuestion } from "./human.js";
import { Judge } from "./oracle/judge.js";
import type { World } from "./world.js";

/** What became of a world. */
export interface WorldResult {
  readonly world: World;
  readonly differences: readonly Difference[];
  readonly log: readonly LogLine[];
  /** What was shown and done, in words. */
  readonly story: readonly string[];
}

/** More than any human here needs. */
const MAX_RUNS = 100;
/**
 * After so long without an end a run hangs. Long: many worlds are played at once,
 * and each timer of one waits for the turns of the others.
 */
const WATCHDOG_MS = 60_000;

/** Plays a world to its end, or to the first run that differs from the rules. */
export async function runWorld(
  world: World,
  subject: Subject = LIBRARY,
  watchdogMs: number = WATCHDOG_MS,
): Promise<WorldResult> {
  const stage = new Stage(world);
  const story: string[] = [];
  const inTime = <Value>(run: Promise<Value>) => withWatchdog(run, watchdogMs);
  const differences = await play(world, subject, stage, story, inTime);
  return { world, differences, log: stage.log, story };
}

async function play(
  world: World,
  subject: Subject,
  stage: Stage,
  story: string[],
  inTime: <Value>(run: Promise<Value>) => Promise<Value>,
): Promise<readonly Difference[]> {
  const { durability, isNewEachRun, saver } = world.host;
  const checkpointer = createSaver(saver);
  const human = new Human(world.human);
  const judge = new Judge(world);
  const configurable = { ...configurableOf(world), thread_id: "thread" };
  const config = { configurable, durability };
  let host = createHost(world, stage, subject, checkpointer);
  let { input } = host;
  while (stage.run < MAX_RUNS) {
    stage.run += 1;
    if (isNewEachRun) host = createHost(world, stage, subject, checkpointer);
    let state: unknown;
    try {
      state = await inTime(host.invoke(input, config));
    } catch (error) {
      const detail = `run ${stage.run}: ${String(error)}`;
      story.push(detail);
      return [{ kind: error === TOO_LONG ? "hangs" : "throws", detail }];
    }
    const shown = shownIn(state);
    story.push(`run ${stage.run} shows: ${shown.map(shownText).join(" | ")}`);
    const messages = answersIn(state);
    const found = judge.afterRun(stage.log, stage.run, shown, messages);
    if (found.length > 0 || shown.length === 0) return found;
    const move = human.next(shown);
    judge.answered(move, shown);
    story.push(`the human ${JSON.stringify(move)}`);
    input = inputOf(move);
  }
  return [{ kind: "never ends", detail: `${MAX_RUNS} runs` }];
}

function inputOf(move: Move): unknown {
  switch (move.does) {
    case "goes on without an answer":
      return null;
    case "answers plainly":
      return new Command({ resume: move.answer });
    case "answers by id":
      return new Command({ resume: move.answers });
  }
}

function shownIn(state: unknown): ShownQuestion[] {
  if (!isInterrupted<{ question?: string }>(state)) return [];
  return state[INTERRUPT].map(({ id, value }) => ({
    id: String(id),
    question: value?.question ?? `unknown: ${JSON.stringify(value)}`,
  }));
}

function shownText({ id, question }: ShownQuestion): string {
  return `${question} #${id.slice(0, 6)}`;
}

function answersIn(state: unknown): ToolMessage[] {
  const { messages = [] } = state as { messages?: BaseMessage[] };
  return messages.filter(isToolMessage);
}

const TOO_LONG = new Error("the run has not ended in time");

async function withWatchdog<Value>(
  run: Promise<Value>,
  ms: number,
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(TOO_LONG), ms);
  });
  try {
    return await Promise.race([run, late]);
  } finally {
    clearTimeout(timer);
  }
}

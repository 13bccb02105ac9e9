import type { AIMessage } from "@langchain/core/messages";
import type { BaseCheckpointSaver } from "@langchain/langgraph";
import { collectGarbage } from "../collect-garbage.js";
import { monotonicMs } from "../monotonic-time.js";
import {
  type Contender,
  createContender,
  type HostName,
  messageOf,
  type Shape,
  type Way,
  WAYS,
} from "./contenders.js";

/** The calls of a batch. */
export const LENGTHS = [1, 25, 200] as const;
export type Length = (typeof LENGTHS)[number];

/** Calls per measurement at least: batches of one call are over too soon. */
const CALLS = 25;

/** A length at which it shows how the time of `LONGEST` would be. */
const PROBE = 50;
const LONGEST = 200;
/** A batch that would take longer isn't run. */
const MOST_MS = 20_000;

/** A checkpointer, and how runs on it are measured. */
export interface Setting {
  readonly name: string;
  readonly saver: BaseCheckpointSaver;
  /** Milliseconds of the time that counts. */
  readonly now: () => number;
  /** Rounds end when so many are done, or so much time is over. */
  readonly mostRounds: number;
  readonly budgetMs: number;
}

const LEAST_ROUNDS = 2;

/** What was measured of one host with calls of one shape. */
export interface Figures {
  readonly rounds: number;
  /** Milliseconds per call by round, or `undefined` if it isn't run. */
  of(way: Way, calls: Length): readonly number[] | undefined;
}

export async function measureLengths(
  setting: Setting,
  host: HostName,
  shape: Shape,
): Promise<Figures> {
  const ways = WAYS.flatMap((way) => {
    const contender = createContender(host, way, setting.saver);
    return contender ? [{ way, contender }] : [];
  });
  const cells: Cell[] = [];
  for (const { way, contender } of ways) {
    // Not counted: they pay for compiling and for connections.
    for (const calls of [1, 25]) {
      await perCallMs(setting, contender, messageOf(calls, shape));
    }
    // The others are known to grow in proportion.
    const isShort =
      way !== "durable" ||
      (await seemsShort(setting, contender, shape)) ||
      // Once more: a busy machine may have held it up.
      (await seemsShort(setting, contender, shape));
    for (const calls of LENGTHS) {
      if (calls === LONGEST && !isShort) continue;
      const message = messageOf(calls, shape);
      cells.push({ way, calls, contender, message, perCall: [] });
    }
  }
  collectGarbage();
  const startMs = monotonicMs();
  let rounds = 0;
  while (
    rounds < LEAST_ROUNDS ||
    (rounds < setting.mostRounds && monotonicMs() - startMs < setting.budgetMs)
  ) {
    // One length after the other, so that what is compared stands side by side;
    // within a length each round has another order.
    for (const calls of LENGTHS) {
      const field = cells.filter((cell) => cell.calls === calls);
      for (let i = 0; i < field.length; i += 1) {
        const cell = field[(i + rounds) % field.length]!;
        const { contender, message, perCall } = cell;
        perCall.push(await perCallMs(setting, contender, message));
      }
    }
    rounds += 1;
  }
  return {
    rounds,
    of: (way, calls) =>
      cells.find((cell) => cell.way === way && cell.calls === calls)?.perCall,
  };
}

interface Cell {
  readonly way: Way;
  readonly calls: Length;
  readonly contender: Contender;
  readonly message: AIMessage;
  /** By round. */
  readonly perCall: number[];
}

async function perCallMs(
  { saver, now }: Setting,
  contender: Contender,
  message: AIMessage,
): Promise<number> {
  const calls = message.tool_calls!.length;
  const batches = Math.ceil(CALLS / calls);
  const threads = Array.from({ length: batches }, newThread);
  contender.tools.begun = 0;
  const startMs = now();
  for (const thread of threads) await contender.start(message, thread);
  const ms = now() - startMs;
  for (const thread of threads) await saver.deleteThread(thread);
  const { begun } = contender.tools;
  if (begun !== batches * calls) {
    throw new Error(`Expected ${batches * calls} calls to run, got ${begun}.`);
  }
  return ms / (batches * calls);
}

/**
 * Whether the longest batch would end in time: if doubling a batch makes it take
 * so many times as long, so does doubling it twice more.
 */
async function seemsShort(
  setting: Setting,
  contender: Contender,
  shape: Shape,
): Promise<boolean> {
  const times: number[] = [];
  for (const calls of [PROBE / 2, PROBE]) {
    const message = messageOf(calls, shape);
    times.push(calls * (await perCallMs(setting, contender, message)));
  }
  const growth = Math.log2(times[1]! / times[0]!);
  return times[1]! * (LONGEST / PROBE) ** growth <= MOST_MS;
}

let threads = 0;

/** The name of a thread that nobody has used. */
export function newThread(): string {
  threads += 1;
  return `thread ${threads}`;
}

import type { SeededRandom } from "../seeded-random.js";

/** A question, and the calls that answer it. */
export interface Task {
  readonly question: string;
  /** Each after those that it needs. */
  readonly calls: readonly TaskCall[];
  /** The model's last message. */
  readonly answer: string;
}

export interface TaskCall {
  readonly name: "search" | "calculate";
  /** Calls that this one needs the value of. */
  readonly needs: readonly number[];
  /** @param valueOf what stands in the arguments for the value of a call */
  readonly args: (valueOf: (index: number) => string) => TaskArgs;
  /** What its tool returns. */
  readonly output: unknown;
  /** The number in its output that others need. */
  readonly value: number;
  readonly durationMs: number;
}

export type TaskArgs = Readonly<Record<string, string>>;

/** The arguments as a model writes them that has seen the results. */
export function plainArgs({ calls }: Task, index: number): TaskArgs {
  return calls[index]!.args((needed) => `${calls[needed]!.value}`);
}

/** The arguments as a model writes them that asks for all calls at once. */
export function referringArgs({ calls }: Task, index: number): TaskArgs {
  return calls[index]!.args((needed) => {
    const path = calls[needed]!.name === "search" ? ".value" : "";
    return `\${${needed + 1}${path}}`;
  });
}

/** The calls of a task by how many others have to come before. */
export function levelsOf({ calls }: Task): number[][] {
  const levels: number[][] = [];
  const levelOf: number[] = [];
  calls.forEach(({ needs }, index) => {
    const level = Math.max(0, ...needs.map((needed) => levelOf[needed]! + 1));
    levelOf.push(level);
    (levels[level] ??= []).push(index);
  });
  return levels;
}

/** The time that the calls take if each starts as soon as it can. */
export function criticalPathMs({ calls }: Task): number {
  const ends: number[] = [];
  for (const { needs, durationMs } of calls) {
    const readyAt = Math.max(0, ...needs.map((needed) => ends[needed]!));
    ends.push(readyAt + durationMs);
  }
  return Math.max(...ends);
}

export function durationMs(random: SeededRandom): number {
  return random.integer(300, 1_200);
}

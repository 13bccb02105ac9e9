import type { Difference } from "../difference.js";
import type { ShownQuestion } from "../human.js";
import { asksTogether, leaderOf, type Turn } from "../world.js";
import type { Execution } from "./executions-in.js";
import type { Fate } from "./fates-of.js";

/** R1, R15: which questions surface when a run pauses. */
export function checkShown(
  turn: Turn,
  fates: readonly Fate[],
  executions: readonly Execution[],
  run: number,
  shown: readonly ShownQuestion[],
): Difference[] {
  const questions = shown.map(({ question }) => question);
  const open = new Set(
    fates.flatMap((fate) => (fate.is === "open" ? [fate.question] : [])),
  );
  const found: Difference[] = [];
  for (const question of new Set(questions)) {
    if (questions.indexOf(question) !== questions.lastIndexOf(question)) {
      found.push({ kind: "shown twice", detail: `${question}, run ${run}` });
    }
  }
  if (asksTogether(turn.host)) {
    return [...found, ...checkAll(open, questions, run)];
  }
  return [...found, ...checkOne(turn, open, executions, questions, run)];
}

/** Each question has an id of its own: all that are open surface together. */
function checkAll(
  open: ReadonlySet<string>,
  questions: readonly string[],
  run: number,
): Difference[] {
  const missing = [...open].filter((one) => !questions.includes(one));
  const early = questions.filter((one) => !open.has(one));
  return [
    ...missing.map((one) => ({
      kind: "not shown" as const,
      detail: `${one}, run ${run}`,
    })),
    ...early.map((one) => ({
      kind: "shown, not asked" as const,
      detail: `${one}, run ${run}`,
    })),
  ];
}

/** One task for all calls: the question of the lowest index that came to ask. */
function checkOne(
  turn: Turn,
  open: ReadonlySet<string>,
  executions: readonly Execution[],
  questions: readonly string[],
  run: number,
): Difference[] {
  const asked = executions
    .filter((one) => one.run === run && one.end === "paused")
    .sort((a, b) => leaderOf(turn, a.call) - leaderOf(turn, b.call))
    .map(({ question }) => question as string);
  const [lowest] = asked;
  if (open.size === 0 && questions.length === 0) return [];
  if (lowest === undefined || questions.length === 0) {
    const detail = `run ${run}: of ${[...open].join("; ")}, shown: ${questions.join("; ")}, asked: ${asked.join("; ")}`;
    return [{ kind: lowest ? "not shown" : "shown, not asked", detail }];
  }
  if (questions.length === 1 && questions[0] === lowest && open.has(lowest)) {
    return [];
  }
  const detail = `run ${run}: shown ${questions.join("; ")}, asked ${asked.join("; ")}`;
  return [{ kind: "not the lowest index", detail }];
}

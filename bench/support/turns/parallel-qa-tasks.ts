import {
  type ParallelQuestion,
  readParallelQa,
} from "../corpus/parallel-qa.js";
import { SeededRandom } from "../seeded-random.js";
import { searchCall } from "./search-call.js";
import { type Subject, subjectsOf } from "./subjects.js";
import { durationMs, type Task, type TaskCall } from "./task.js";

/** How a question wants the numbers to be combined, the first that fits. */
const COMBINATIONS: readonly (readonly [
  RegExp,
  (values: readonly string[]) => string,
  (values: readonly number[]) => number,
])[] = [
  [
    /ratio|how many times/i,
    (values) => `max(${list(values)}) / min(${list(values)})`,
    (values) => Math.max(...values) / Math.min(...values),
  ],
  [
    /average/i,
    (values) => `(${values.join(" + ")}) / ${values.length}`,
    (values) => sum(values) / values.length,
  ],
  [/total|combined/i, (values) => values.join(" + "), sum],
  [
    /./,
    (values) => `max(${list(values)}) - min(${list(values)})`,
    (values) => Math.max(...values) - Math.min(...values),
  ],
];

/**
 * The questions of ParallelQA: as many searches as a question has branches, a
 * calculation on each of them, and where the answer is a number another one that
 * combines these.
 */
export function parallelQaTasks(): Task[] {
  return readParallelQa().map((item, place) => {
    const random = new SeededRandom(place);
    const subjects = subjectsOf(item.question, item.branch);
    const searches = subjects.map((subject) => searchCall(subject, random));
    const changes = searches.map((search, branch) =>
      changeCall(item, search, branch, random),
    );
    const combination = isNumber(item.answer)
      ? [combineCall(item, changes, random)]
      : [];
    return {
      question: item.question,
      calls: [...searches, ...changes, ...combination],
      answer: answerOf(item, subjects, changes),
    };
  });
}

/** The found number, changed by the percentage of its branch. */
function changeCall(
  { question }: ParallelQuestion,
  { value }: TaskCall,
  branch: number,
  random: SeededRandom,
): TaskCall {
  const percents = [...question.matchAll(/(\d+(?:\.\d+)?)%/g)];
  const percent = Number(percents[branch]?.[1] ?? random.integer(5, 50));
  const share = random.next() < 0.5 ? -percent / 100 : percent / 100;
  const factor = Number((1 + share).toFixed(3));
  return calculateCall(
    [branch],
    ([found = ""]) => `${found} * ${factor}`,
    value * factor,
    random,
  );
}

function combineCall(
  { question, branch }: ParallelQuestion,
  changes: readonly TaskCall[],
  random: SeededRandom,
): TaskCall {
  const [, write, combine] = COMBINATIONS.find(([word]) =>
    word.test(question),
  )!;
  return calculateCall(
    changes.map((_, place) => branch + place),
    write,
    combine(changes.map(({ value }) => value)),
    random,
  );
}

function calculateCall(
  needs: readonly number[],
  write: (values: readonly string[]) => string,
  result: number,
  random: SeededRandom,
): TaskCall {
  const value = Number(result.toFixed(3));
  return {
    name: "calculate",
    needs,
    args: (valueOf) => ({ expression: write(needs.map(valueOf)) }),
    output: value,
    value,
    durationMs: durationMs(random),
  };
}

function answerOf(
  { answer }: ParallelQuestion,
  subjects: readonly Subject[],
  changes: readonly TaskCall[],
): string {
  const found = subjects.map(({ name, unit }, branch) => {
    return `${name}: ${changes[branch]!.value} ${unit}`;
  });
  return `The answer is ${answer} (${list(found)}).`;
}

function isNumber(answer: string): boolean {
  return /^[\d.,]+$/.test(answer);
}

function list(texts: readonly string[]): string {
  return texts.join(", ");
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

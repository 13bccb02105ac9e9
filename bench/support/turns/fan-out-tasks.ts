import { readParallelQa } from "../corpus/parallel-qa.js";
import { SeededRandom } from "../seeded-random.js";
import { searchCall } from "./search-call.js";
import { type Subject, subjectsOf } from "./subjects.js";
import type { Task } from "./task.js";

/** Tasks of `width` searches each, of what ParallelQA asks about. */
export function fanOutTasks(count: number, width: number): Task[] {
  const known = new Map<string, Subject>();
  for (const { question, branch } of readParallelQa()) {
    for (const subject of subjectsOf(question, branch)) {
      known.set(subject.name, subject);
    }
  }
  return Array.from({ length: count }, (_, seed) => {
    const random = new SeededRandom(seed);
    const left = [...known.values()];
    const subjects = Array.from({ length: width }, () => {
      return left.splice(random.integer(0, left.length - 1), 1)[0]!;
    });
    const calls = subjects.map((subject) => searchCall(subject, random));
    const wanted = subjects.map(
      ({ name, property }) => `${property} of ${name}`,
    );
    const found = subjects.map(({ name, unit }, place) => {
      return `${name}: ${calls[place]!.value} ${unit}`;
    });
    return {
      question: `Find these and list them: ${wanted.join(", ")}.`,
      calls,
      answer: `${found.join(", ")}.`,
    };
  });
}

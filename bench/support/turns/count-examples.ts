import { FakeClock } from "../../../test/support/fake-clock.js";
import { createTools } from "./agent-tools.js";
import { WITH_REFERENCES } from "./contenders.js";
import { countTokens } from "./count-tokens.js";
import type { Task } from "./task.js";

/** Tokens of the examples in what a model is told of references. */
export function countExamples(task: Task): number {
  const examples = WITH_REFERENCES.systemPrompt(
    createTools(task, new FakeClock()),
  )
    .split("\n")
    .filter((line) => line.startsWith("- "));
  if (examples.length !== 2) {
    throw new Error(`Expected two examples, got ${examples.length}.`);
  }
  return countTokens(examples.join("\n"));
}

import { parseLines, readCorpus } from "./read-corpus.js";
import type { PlannableCall } from "parallel-tools-node";

interface ParallelMultiple {
  readonly question: string;
  /** With the first of the possible values of each parameter. */
  readonly first: readonly PlannableCall[];
  /** With all of them, as a list. */
  readonly all: readonly PlannableCall[];
}

interface Bfcl {
  readonly parallelMultiple: readonly ParallelMultiple[];
  /** Strings in the calls, which are written as Python. */
  readonly multiTurnTexts: readonly string[];
}

/** `'...'` or `"..."`, with escapes. */
const PYTHON_STRING = /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/gs;

export function readBfcl(): Bfcl {
  const files = readCorpus(
    "bfcl-parallel-multiple.jsonl",
    "bfcl-parallel-multiple-answers.jsonl",
    "bfcl-multi-turn-base-answers.jsonl",
  );
  const questions = parseLines(files["bfcl-parallel-multiple.jsonl"]) as {
    id: string;
    question: { content: string }[][];
  }[];
  const answers = parseLines(files["bfcl-parallel-multiple-answers.jsonl"]) as {
    id: string;
    ground_truth: Record<string, Record<string, unknown[]>>[];
  }[];
  const turns = parseLines(files["bfcl-multi-turn-base-answers.jsonl"]) as {
    ground_truth: string[][];
  }[];
  const questionOf = new Map(
    questions.map(({ id, question }) => [
      id,
      question
        .flat()
        .map(({ content }) => content)
        .join("\n"),
    ]),
  );
  return {
    parallelMultiple: answers.map(({ id, ground_truth: truth }) => {
      const calls = truth.flatMap((call) => Object.entries(call));
      const write = (valueOf: (possible: unknown[]) => unknown) =>
        calls.map(([name, parameters], index) => ({
          name,
          args: Object.fromEntries(
            Object.entries(parameters).map(([parameter, possible]) => [
              parameter,
              valueOf(possible),
            ]),
          ),
          id: `call_${index}`,
        }));
      return {
        question: questionOf.get(id) ?? "",
        first: write(([first]) => first),
        all: write((possible) => possible),
      };
    }),
    multiTurnTexts: turns
      .flatMap(({ ground_truth: truth }) => truth.flat())
      .flatMap(stringsIn),
  };
}

function stringsIn(call: string): string[] {
  return [...call.matchAll(PYTHON_STRING)].map(([, single, double]) =>
    (single ?? double ?? "")
      .replaceAll("\\n", "\n")
      .replaceAll(/\\(.)/gs, "$1"),
  );
}

/**
 * What it saves that a model calls tools from code: tokens of its context, and turns. Three
 * tasks of the shape of those with which Anthropic describes programmatic tool calling are
 * worked off in four ways: one call per turn; parallel calls; one message with references;
 * and code, run by `@langchain/quickjs` with `callableTools` of the BUILT package. All have
 * the same agent and the same limits, a cap of 5 and a rate. The model is a script; each
 * ends with the answer, in a turn of its own. Seeded.
 *
 * Tokens are those of o200k_base over the text of Qwen 3's chat template, tool definitions
 * and all, with nothing cached. The time is real, where each turn costs 50 ms and 0.75 ms
 * a token and each call 30 ms: a sixteenth of what an agent would take.
 */
import { printTable } from "./support/print-table.js";
import { requireBuiltPackage } from "./support/require-built-package.js";
import { median } from "./support/statistics.js";
import { Targets } from "./support/targets.js";
import {
  CODE,
  type Contender,
  ONE_PER_TURN,
  PARALLEL,
  REFERENCES,
} from "./support/code/contenders.js";
import { runTask, type TaskRun } from "./support/code/run-task.js";
import { type CodeTask, codeTasks } from "./support/code/tasks.js";

const CONTENDERS = [ONE_PER_TURN, PARALLEL, REFERENCES, CODE];
const ROUNDS = 3;
/** Anthropic: 43,588 tokens on average, and 27,297 with calls from code. */
const LEAST_SAVED = 0.37;

export async function code(): Promise<boolean> {
  requireBuiltPackage();
  const targets = new Targets();
  const rows: string[][] = [];
  const verdicts: string[][] = [];
  // The first agent of a process, and the interpreter, take time to load.
  for (const contender of CONTENDERS) await runTask(codeTasks()[2]!, contender);
  for (const task of codeTasks()) {
    const runs = await runAll(task);
    for (const contender of CONTENDERS) {
      rows.push(toRow(task, contender, runs));
    }
    const [own, base] = [CODE, PARALLEL].map((one) => tokensOf(runs, one));
    const saved = 1 - own! / base!;
    const verdict = targets.atLeast(LEAST_SAVED, saved);
    verdicts.push([task.name, saved.toFixed(3), ...verdict]);
  }
  printTable(
    "code: of the model, tokens of all its turns; times are medians",
    [
      "task",
      "way",
      "model turns",
      "input tokens",
      "output tokens",
      "over parallel calls",
      "ms",
      "at once",
    ],
    rows,
  );
  printTable(
    "code: tokens saved, of those of parallel calls",
    ["task", "measured", "target", ""],
    verdicts,
  );
  return targets.allMet;
}

type Runs = ReadonlyMap<Contender, readonly TaskRun[]>;

async function runAll(task: CodeTask): Promise<Runs> {
  const runs = new Map<Contender, TaskRun[]>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const contender of CONTENDERS) {
      const own = runs.get(contender) ?? [];
      runs.set(contender, own);
      own.push(await runTask(task, contender));
    }
  }
  return runs;
}

function tokensOf(runs: Runs, contender: Contender): number {
  const { inputTokens, outputTokens } = runs.get(contender)![0]!;
  return inputTokens + outputTokens;
}

function toRow(task: CodeTask, contender: Contender, runs: Runs): string[] {
  const own = runs.get(contender)!;
  const { turns, inputTokens, outputTokens, mostAtOnce } = own[0]!;
  const ratio = tokensOf(runs, contender) / tokensOf(runs, PARALLEL);
  return [
    task.name,
    contender.name,
    `${turns}`,
    `${inputTokens}`,
    `${outputTokens}`,
    ratio.toFixed(3),
    median(own.map(({ ms }) => ms)).toFixed(0),
    `${mostAtOnce}`,
  ];
}

/**
 * What references save an agent: turns of the model, tokens that it reads, and
 * time. The same tasks are worked off in three ways: one call per turn; parallel
 * calling on the stock node, where each message holds the calls whose arguments
 * are known; and one message on the BUILT package's node, in which calls refer
 * to the outputs of others. Each ends with the answer, in a turn of its own. On
 * a fake clock, the nodes are real, the model is a script. Seeded.
 *
 * Assumed, for all alike: a turn costs 800 ms and 12 ms per token that the model
 * writes, and nothing per token that it reads; a call takes 300 to 1,200 ms. The
 * model makes no mistake and doesn't think aloud. Tokens are those of o200k_base
 * over the text of Qwen 3's chat template, tool definitions and all, with
 * nothing cached. The system prompt is as short as can be.
 *
 * ParallelQA is taken by its shape: as many searches as an item has branches, a
 * calculation on each, and a last one where the answer is a number (some items
 * really compare pairs). A search gives data with a number in it: a text could
 * not be calculated with, and it is favourable to references that the model
 * knows the field's name from the tool's description. The fan-outs need no
 * references; what remains there is their price in the prompt.
 *
 * Each ratio is that of one task, over one call per turn; then their mean, which
 * is what the targets hold, and their median. The targets on ParallelQA are what
 * LLMCompiler reports of itself over ReAct (arXiv 2312.04511). Of these, 4.65 is
 * of cost, over an agent that thinks aloud in each of its turns; here nobody
 * does, and it is asked of the tokens that are read.
 *
 * What the costs assumed here can give is the row "references for free": the
 * same two turns of a model that needs no telling. It is a bound, which no text
 * and no schema can beat. It lies so little above 4.65 that a model would have
 * to be told of references in fewer tokens than one example takes (the lines
 * below the tables count them). So the target is within the bound, but out of
 * reach of whatever tells a model anything, and stays a miss.
 *
 * A further assumption, for the rows "long prompt" alone: an agent is told more
 * than our few sentences. Before them stands the system prompt of a benchmark's
 * agent, the policy of tau-bench's airline. Then the price of references weighs
 * less, but the bound comes down, too, as what all turns read alike draws it to
 * the ratio of the turns: 4.65 lies beyond it, whatever references cost. A
 * target beyond the bound is no miss, and met if it is reached all the same.
 */
import { readTauBench } from "./support/corpus/tau-bench.js";
import { printTable } from "./support/print-table.js";
import { requireBuiltPackage } from "./support/require-built-package.js";
import { mean, median } from "./support/statistics.js";
import { Targets } from "./support/targets.js";
import {
  type Contender,
  FREE_REFERENCES,
  ONE_PER_TURN,
  PARALLEL,
  WITH_REFERENCES,
} from "./support/turns/contenders.js";
import { countExamples } from "./support/turns/count-examples.js";
import { countTokens } from "./support/turns/count-tokens.js";
import { fanOutTasks } from "./support/turns/fan-out-tasks.js";
import { parallelQaTasks } from "./support/turns/parallel-qa-tasks.js";
import { explainTokens } from "./support/turns/explain-tokens.js";
import { ratiosOf } from "./support/turns/ratios-of.js";
import { type AgentRun, runAgent } from "./support/turns/run-agent.js";
import type { Runs } from "./support/turns/runs.js";
import type { Task } from "./support/turns/task.js";

const CONTENDERS = [ONE_PER_TURN, PARALLEL, WITH_REFERENCES, FREE_REFERENCES];

interface Workload {
  readonly name: string;
  readonly tasks: readonly Task[];
  /** Stands before the system prompt of each contender. */
  readonly preamble?: string;
  /** At least so much, over one call per turn, with references. */
  readonly goals: {
    readonly speedUp?: number;
    readonly fewerTokens?: number;
    /** On each task. */
    readonly beatsParallel?: true;
  };
}

export async function turns(): Promise<boolean> {
  requireBuiltPackage();
  const policy = `${readTauBench().systemPrompt}\n\n`;
  const tasks = parallelQaTasks();
  const workloads: Workload[] = [
    {
      name: "ParallelQA",
      tasks,
      goals: { speedUp: 2.15, fewerTokens: 4.65, beatsParallel: true },
    },
    {
      name: "fan-outs of 8",
      tasks: fanOutTasks(100, 8),
      goals: { speedUp: 2.6 },
    },
    {
      name: "ParallelQA, long prompt",
      tasks,
      preamble: policy,
      goals: { fewerTokens: 4.65 },
    },
  ];
  const targets = new Targets();
  const rows: string[][] = [];
  const verdicts: string[][] = [];
  const notes: string[] = [];
  for (const workload of workloads) {
    const runs = await runAll(workload);
    for (const contender of CONTENDERS) {
      rows.push(toRow(workload, contender, runs));
    }
    verdicts.push(...judge(workload, runs, targets));
    const { fewerTokens } = workload.goals;
    if (fewerTokens === undefined) continue;
    notes.push(`${workload.name}: ${explainTokens(fewerTokens, runs)}`);
  }
  printTable(
    "turns: means per task; ratios over one call per turn, mean (median)",
    [
      "workload, tasks",
      "calls",
      "model turns",
      "input tokens",
      "output tokens",
      "latency ms",
      "speed-up",
      "fewer input tokens",
    ],
    rows,
  );
  printTable(
    "turns: with references",
    ["", "measured", "bound", "target", ""],
    verdicts,
  );
  console.log(
    [
      "",
      "Bound: references for free, which no text and no schema can beat.",
      ...notes,
      `Of that, the two examples are ${countExamples(tasks[0]!)}. The long prompt is longer by ${countTokens(policy)}.`,
    ].join("\n"),
  );
  return targets.allMet;
}

async function runAll({ tasks, preamble }: Workload): Promise<Runs> {
  const runs = new Map<Contender, AgentRun[]>();
  for (const contender of CONTENDERS) {
    const own: AgentRun[] = [];
    for (const task of tasks)
      own.push(await runAgent(task, contender, preamble));
    runs.set(contender, own);
  }
  return runs;
}

function toRow(
  { name, tasks }: Workload,
  contender: Contender,
  all: Runs,
): string[] {
  const base = all.get(ONE_PER_TURN)!;
  const runs = all.get(contender)!;
  const show = (ratios: readonly number[]) =>
    `${mean(ratios).toFixed(2)} (${median(ratios).toFixed(2)})`;
  return [
    `${name}, ${tasks.length}`,
    contender.name,
    mean(runs.map((run) => run.turns)).toFixed(2),
    mean(runs.map((run) => run.inputTokens)).toFixed(0),
    mean(runs.map((run) => run.outputTokens)).toFixed(0),
    mean(runs.map((run) => run.latencyMs)).toFixed(0),
    show(ratiosOf("latencyMs", base, runs)),
    show(ratiosOf("inputTokens", base, runs)),
  ];
}

function judge(
  { name, goals }: Workload,
  runs: Runs,
  targets: Targets,
): string[][] {
  const own = runs.get(WITH_REFERENCES)!;
  const base = runs.get(ONE_PER_TURN)!;
  const rows: string[][] = [];
  if (goals.speedUp !== undefined) {
    const measured = mean(ratiosOf("latencyMs", base, own));
    const verdict = targets.atLeast(goals.speedUp, measured);
    rows.push([`${name}: speed-up`, measured.toFixed(2), "-", ...verdict]);
  }
  if (goals.fewerTokens !== undefined) {
    const free = runs.get(FREE_REFERENCES)!;
    const measured = mean(ratiosOf("inputTokens", base, own));
    const bound = mean(ratiosOf("inputTokens", base, free));
    const verdict = targets.atLeastWithin(goals.fewerTokens, measured, bound);
    const figures = [measured, bound].map((figure) => figure.toFixed(2));
    rows.push([`${name}: fewer input tokens`, ...figures, ...verdict]);
  }
  if (goals.beatsParallel) {
    const slower = ratiosOf("latencyMs", runs.get(PARALLEL)!, own).filter(
      (ratio) => ratio <= 1,
    ).length;
    const verdict = targets.atMost(0, slower, 0);
    rows.push([
      `${name}: tasks no faster than by parallel calling`,
      `${slower}`,
      "-",
      ...verdict,
    ]);
  }
  return rows;
}

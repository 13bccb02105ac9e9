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
 * nothing cached. The system prompt is as short as can be: a longer one would
 * favour whoever takes fewer turns.
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
 * LLMCompiler reports of itself over ReAct (arXiv 2312.04511; 4.65 is of cost).
 */
import { printTable } from "./support/print-table.js";
import { requireBuiltPackage } from "./support/require-built-package.js";
import { mean, median } from "./support/statistics.js";
import { Targets } from "./support/targets.js";
import {
  type Contender,
  ONE_PER_TURN,
  PARALLEL,
  WITH_REFERENCES,
} from "./support/turns/contenders.js";
import { fanOutTasks } from "./support/turns/fan-out-tasks.js";
import { parallelQaTasks } from "./support/turns/parallel-qa-tasks.js";
import { type AgentRun, runAgent } from "./support/turns/run-agent.js";
import type { Task } from "./support/turns/task.js";

const CONTENDERS = [ONE_PER_TURN, PARALLEL, WITH_REFERENCES];

interface Workload {
  readonly name: string;
  readonly tasks: readonly Task[];
  /** At least so much, over one call per turn, with references. */
  readonly goals: {
    readonly speedUp: number;
    readonly fewerTokens?: number;
    /** On each task. */
    readonly beatsParallel?: true;
  };
}

export async function turns(): Promise<boolean> {
  requireBuiltPackage();
  const workloads: Workload[] = [
    {
      name: "ParallelQA",
      tasks: parallelQaTasks(),
      goals: { speedUp: 2.15, fewerTokens: 4.65, beatsParallel: true },
    },
    {
      name: "fan-outs of 8",
      tasks: fanOutTasks(100, 8),
      goals: { speedUp: 2.6 },
    },
  ];
  const targets = new Targets();
  const rows: string[][] = [];
  const verdicts: string[][] = [];
  for (const workload of workloads) {
    const runs = new Map<Contender, AgentRun[]>();
    for (const contender of CONTENDERS) {
      const own: AgentRun[] = [];
      for (const task of workload.tasks) {
        own.push(await runAgent(task, contender));
      }
      runs.set(contender, own);
      rows.push(toRow(workload, contender, own, runs.get(ONE_PER_TURN)!));
    }
    verdicts.push(...judge(workload, runs, targets));
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
    ["", "measured", "target", ""],
    verdicts,
  );
  return targets.allMet;
}

function toRow(
  { name, tasks }: Workload,
  contender: Contender,
  runs: readonly AgentRun[],
  base: readonly AgentRun[],
): string[] {
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

/** How much less of it each run takes than the base's. */
function ratiosOf(
  figure: keyof AgentRun,
  base: readonly AgentRun[],
  runs: readonly AgentRun[],
): number[] {
  return runs.map((run, place) => base[place]![figure] / run[figure]);
}

function judge(
  { name, goals }: Workload,
  runs: ReadonlyMap<Contender, readonly AgentRun[]>,
  targets: Targets,
): string[][] {
  const own = runs.get(WITH_REFERENCES)!;
  const base = runs.get(ONE_PER_TURN)!;
  const rows: string[][] = [];
  const hold = (what: string, least: number, figure: keyof AgentRun) => {
    const measured = mean(ratiosOf(figure, base, own));
    const verdict = targets.atLeast(least, measured);
    rows.push([`${name}: ${what}`, measured.toFixed(2), ...verdict]);
  };
  hold("speed-up", goals.speedUp, "latencyMs");
  if (goals.fewerTokens !== undefined) {
    hold("fewer input tokens", goals.fewerTokens, "inputTokens");
  }
  if (goals.beatsParallel) {
    const slower = ratiosOf("latencyMs", runs.get(PARALLEL)!, own).filter(
      (ratio) => ratio <= 1,
    ).length;
    const verdict = targets.atMost(0, slower, 0);
    rows.push([
      `${name}: tasks no faster than by parallel calling`,
      `${slower}`,
      ...verdict,
    ]);
  }
  return rows;
}

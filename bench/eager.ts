/**
 * What it saves that calls start while the model is still writing its message. A model's
 * server on loopback, in a process of its own, streams calls at 12 ms a token, as
 * ChatOpenAI reads them from both of its APIs, and as ChatAnthropic does. A call has ten
 * tokens, where one of a model has some 40: one token stands for four, and all times are
 * a quarter of those of an agent whose calls take a second. So what the host costs weighs
 * four times as much as it would there.
 *
 * Contenders are the same agent, of `createAgent` and of `createReactAgent`, with and
 * without `eager`, and both are read with `stream`, in the mode `messages`. Measured is
 * the BUILT package, and the time from the question to the end of the stream: a message
 * of calls, these, and a last text of three tokens. The runs of
 * a round come one after the other, each round in another order; each has a fresh agent.
 * "Faster" is the median of the ratios of the rounds. A run counts if each call ran once
 * and all answers are right.
 *
 * Where nothing is to be gained (d to f), the noise of single rows is larger than the
 * target is strict. There the median over all six is held against it, beside that of the
 * agent without `eager` against itself.
 *
 * The stock host knows no cap and no rate: its calls start all at once, so that its time
 * is of other work. Where calls refer to each other, its model writes them in three
 * turns.
 *
 * For the lower bound see `boundMs`. It knows what a call takes as it was asked for: a
 * timer's lateness counts against all.
 */
import { boundMs } from "./support/eager/bound.js";
import {
  AGAIN,
  type Contender,
  STOCK,
  WITH,
  WITHOUT,
} from "./support/eager/contenders.js";
import { type Host, HOSTS } from "./support/eager/hosts.js";
import { type Api, APIS } from "./support/eager/models.js";
import { type Run, runOnce } from "./support/eager/run-once.js";
import { type Scenario, SCENARIOS } from "./support/eager/scenarios.js";
import { StreamingServer } from "./support/eager/server/streaming-server.js";
import { writingMs } from "./support/eager/script.js";
import { printTable } from "./support/print-table.js";
import { requireBuiltPackage } from "./support/require-built-package.js";
import { median } from "./support/statistics.js";
import { Targets } from "./support/targets.js";

/** Of the stock host, which nothing is held against. */
const STOCK_ROUNDS = 2;

/** An agent's model and host, and what became of the contenders there. */
interface Place {
  readonly api: Api;
  readonly host: Host;
  readonly runs: Map<Contender, Run[]>;
}

export async function eager(): Promise<boolean> {
  requireBuiltPackage();
  const targets = new Targets();
  const server = await StreamingServer.start();
  try {
    // Not counted: they pay for compiling and for the connection.
    await runAll({ ...SCENARIOS[0]!, rounds: 1 }, server.origin);
    for (const scenario of SCENARIOS) {
      const places = await runAll(scenario, server.origin);
      print(scenario, places, targets);
    }
  } finally {
    server.stop();
  }
  return targets.allMet;
}

async function runAll(scenario: Scenario, origin: string): Promise<Place[]> {
  const places = APIS.flatMap((api) =>
    HOSTS.map((host): Place => ({ api, host, runs: new Map() })),
  );
  for (let round = 0; round < scenario.rounds; round += 1) {
    for (const { api, host, runs } of places) {
      for (const contender of contendersIn(scenario, round)) {
        const run = await runOnce(scenario, contender, api, host, origin);
        runs.set(contender, [...(runs.get(contender) ?? []), run]);
      }
    }
  }
  return places;
}

function contendersIn({ isEven }: Scenario, round: number): Contender[] {
  const all = isEven ? [WITHOUT, WITH, AGAIN] : [WITHOUT, WITH];
  const first = round % all.length;
  const rotated = [...all.slice(first), ...all.slice(0, first)];
  return round < STOCK_ROUNDS ? [...rotated, STOCK] : rotated;
}

function print(
  scenario: Scenario,
  places: readonly Place[],
  targets: Targets,
): void {
  const { name, calls, callMs, rate, isEven, target } = scenario;
  const rows = places.flatMap((place) =>
    [STOCK, WITHOUT, WITH].map((contender) =>
      rowOf(scenario, place, contender, targets),
    ),
  );
  if (isEven) {
    const nothing = ["", "", "", "", ""];
    const over = (contender: Contender) =>
      places.flatMap(({ runs }) => ratiosOf(runs, contender));
    rows.push(
      ["all six", AGAIN.name, ...nothing, ...show(over(AGAIN))],
      [
        "",
        WITH.name,
        ...nothing,
        ...show(over(WITH)),
        ...targets.atLeast(target, median(over(WITH))),
      ],
    );
  }
  printTable(
    `eager, ${name}: calls of ${callMs} ms, written in ${writingMs(calls.length)} ms`,
    [
      "model, agent",
      "",
      "bound ms",
      "makespan ms",
      "over bound",
      "first start ms",
      rate ? `most in ${rate.intervalMs} ms` : "most at once",
      "faster",
      "min .. max",
      "target",
      "",
    ],
    rows,
  );
}

function rowOf(
  scenario: Scenario,
  { api, host, runs: all }: Place,
  contender: Contender,
  targets: Targets,
): string[] {
  const { rate, target, isEven } = scenario;
  const runs = all.get(contender)!;
  const bound = boundMs(scenario, contender);
  const makespanMs = median(runs.map((run) => run.makespanMs));
  const most = (run: Run) =>
    rate ? mostWithin(rate.intervalMs, run.startsMs) : run.mostAtOnce;
  const cells = [
    contender.isStock ? `${api.name}, ${host.name}` : "",
    contender.name,
    bound.toFixed(0),
    makespanMs.toFixed(0),
    (makespanMs / bound).toFixed(3),
    median(runs.map(({ startsMs }) => startsMs[0]!)).toFixed(0),
    `${Math.max(...runs.map(most))}`,
  ];
  if (contender !== WITH) return cells;
  const ratios = ratiosOf(all, WITH);
  cells.push(...show(ratios));
  return isEven
    ? cells
    : [...cells, ...targets.atLeast(target, median(ratios))];
}

/** How many times faster it was than without `eager`, in each round. */
function ratiosOf(
  runs: ReadonlyMap<Contender, readonly Run[]>,
  contender: Contender,
): number[] {
  const without = runs.get(WITHOUT)!;
  return runs
    .get(contender)!
    .map((run, round) => without[round]!.makespanMs / run.makespanMs);
}

function show(ratios: readonly number[]): [faster: string, range: string] {
  return [
    median(ratios).toFixed(3),
    `${Math.min(...ratios).toFixed(3)} .. ${Math.max(...ratios).toFixed(3)}`,
  ];
}

function mostWithin(intervalMs: number, startsMs: readonly number[]): number {
  return Math.max(
    ...startsMs.map(
      (first) =>
        startsMs.filter((one) => one >= first && one < first + intervalMs)
          .length,
    ),
  );
}

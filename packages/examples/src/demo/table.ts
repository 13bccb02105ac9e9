import { paint } from "./paint.js";
import type { RunResult } from "./run-scene.js";
import { oneAtATime, ours, oursEager } from "./runners.js";
import type { Scene } from "./scene.js";

/** All runs of a scene. */
export interface SceneResult {
  readonly scene: Scene;
  readonly runs: readonly RunResult[];
}

const HEAD = ["scene", "runner", "wall", "speed-up", "429", "wrong", "turns"];

/** Both are held to what this demo claims. */
const OURS = new Set([ours, oursEager]);

/** One row per scene and runner; the speed-up is that over one at a time. */
export function drawTable(results: readonly SceneResult[]): string[] {
  const rows = results.flatMap(({ scene, runs }) =>
    runs.map((run, index) => [
      index === 0 ? scene.title : "",
      run.runner.name,
      seconds(run.wallMs),
      `${(wallOf(runs, oneAtATime.name) / run.wallMs).toFixed(2)}x`,
      String(run.tooManyRequests),
      String(run.wrongResults.length),
      String(run.modelTurns),
    ]),
  );
  const widths = HEAD.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const format = (row: readonly string[]) =>
    row
      .map((text, column) => {
        const width = widths[column] as number;
        return column < 2 ? text.padEnd(width) : text.padStart(width);
      })
      .join("  ");
  return [
    paint("bold", format(HEAD)),
    widths.map((width) => "─".repeat(width)).join("  "),
    ...rows.map((row) =>
      paint(row[5] === "0" && row[4] === "0" ? "reset" : "red", format(row)),
    ),
  ];
}

/** Where our runners did not do what this demo claims. */
export function findBrokenClaims(results: readonly SceneResult[]): string[] {
  return results.flatMap(({ scene, runs }) => {
    const run = runs.find(({ runner }) => runner === ours);
    if (run === undefined) return [];
    const { wallMs, modelTurns } = run;
    const own = runs.filter(({ runner }) => OURS.has(runner));
    const tooManyRequests = sum(own.map((one) => one.tooManyRequests));
    const wrongResults = own.flatMap((one) => one.wrongResults);
    const slower = scene.isRace && wallMs > wallOf(runs, oneAtATime.name);
    const savesNoTime = wallOf(runs, oursEager.name) >= wallMs;
    const savesNoTurn =
      scene.scriptWithReferences !== undefined &&
      runs.some((other) => other !== run && other.modelTurns <= modelTurns);
    return [
      ...(tooManyRequests > 0 ? [`${tooManyRequests} answers 429`] : []),
      ...(wrongResults.length > 0
        ? [`${wrongResults.length} wrong results`]
        : []),
      ...(slower ? ["slower than one at a time"] : []),
      ...(savesNoTime ? ["no faster with `eager`"] : []),
      ...(savesNoTurn
        ? [`${modelTurns} model turns, no fewer than another`]
        : []),
    ].map((claim) => `${scene.title}: ${claim}`);
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}

function wallOf(runs: readonly RunResult[], runner: string): number {
  return runs.find((run) => run.runner.name === runner)?.wallMs ?? Number.NaN;
}

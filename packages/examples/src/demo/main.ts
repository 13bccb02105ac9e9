// The demo: eight scenes, each with three or four ways to run tool calls.
//   npm run demo             scripted model, offline
//   npm run demo -- --live   a real model; needs OPENAI_API_KEY
import process from "node:process";
import { paint } from "./paint.js";
import { type RunResult, runScene } from "./run-scene.js";
import {
  oneAtATime,
  ours,
  oursEager,
  stock,
  stockWithRetries,
} from "./runners.js";
import type { Scene } from "./scene.js";
import { debugging } from "./scenes/debugging.js";
import { eager } from "./scenes/eager.js";
import { fanOut } from "./scenes/fan-out.js";
import { modelQuota } from "./scenes/model-quota.js";
import { rateLimit } from "./scenes/rate-limit.js";
import { references } from "./scenes/references.js";
import { sharedFile } from "./scenes/shared-file.js";
import { subagents } from "./scenes/subagents.js";
import {
  drawTable,
  findBrokenClaims,
  type SceneResult,
  seconds,
} from "./table.js";
import { drawWaterfall, LEGEND, lastEnd } from "./waterfall.js";
import { writeHtml } from "./write-html.js";

const SCENES = [
  fanOut,
  rateLimit,
  sharedFile,
  debugging,
  references,
  subagents,
  modelQuota,
  eager,
];
const MOST_WRONG_SHOWN = 3;
const NOTES = [
  "speed-up: over one at a time. It counts only where nothing is wrong.",
  "429: answers of the servers. turns: requests that the model has answered.",
  "wrong: what differs from what the servers know to be right.",
  "A MaxListenersExceededWarning above is the stock node's, with over ten calls.",
];
const width = Math.min(process.stdout.columns ?? 80, 120);

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const unknown = args.find((arg) => arg !== "--live");
  if (unknown !== undefined) {
    console.error(`Expected no argument or --live, got ${unknown}.`);
    return 1;
  }
  const isLive = args.length > 0;
  if (isLive && !process.env["OPENAI_API_KEY"]) {
    console.error(
      "--live asks a real model and needs OPENAI_API_KEY, which is not set.\nOPENAI_BASE_URL and OPENAI_MODEL (gpt-4o-mini) may be set too. Without --live the demo runs offline.",
    );
    return 1;
  }
  // The first requests of a process are slow; no runner should pay for that.
  if (!isLive) await runScene(fanOut, ours, isLive);

  console.log(LEGEND);
  const results: SceneResult[] = [];
  for (const scene of SCENES) {
    results.push({ scene, runs: await play(scene, isLive) });
  }
  console.log(["", ...drawTable(results), "", ...NOTES].join("\n"));
  console.log(`\nWhat this node ran, to look at: ${writeHtml(results)}`);
  if (isLive) {
    console.log(
      "A real model decides for itself what to call, so nothing is judged here.",
    );
    return 0;
  }
  const broken = findBrokenClaims(results);
  for (const claim of broken) console.error(`Not as claimed: ${claim}`);
  return broken.length === 0 ? 0 : 1;
}

async function play(scene: Scene, isLive: boolean): Promise<RunResult[]> {
  console.log(["", paint("bold", scene.title), ...scene.story].join("\n"));
  const runs: RunResult[] = [];
  // A real model has no small quota, so there is nothing to ask again.
  const retrying = scene.subagentQuota && !isLive ? [stockWithRetries] : [];
  const writing = scene.tokenMs === undefined ? [] : [oursEager];
  for (const runner of [stock, ...retrying, oneAtATime, ours, ...writing]) {
    runs.push(await runScene(scene, runner, isLive));
  }
  const endMs = lastEnd(runs.map(({ record }) => record));
  for (const run of runs) print(run, endMs);
  return runs;
}

function print(run: RunResult, endMs: number): void {
  const { runner, wallMs, modelTurns, tooManyRequests, wrongResults } = run;
  const callsRun = [...run.record.calls.values()].filter(
    ({ running }) => running !== undefined,
  );
  const facts = [
    seconds(wallMs),
    `${callsRun.length} calls run`,
    `${modelTurns} model turns`,
    `${tooManyRequests} x 429`,
    `${wrongResults.length} wrong`,
  ];
  console.log(`\n${paint("bold", runner.name)}: ${facts.join(", ")}`);
  for (const line of drawWaterfall(run, endMs, width)) console.log(line);
  for (const wrong of wrongResults.slice(0, MOST_WRONG_SHOWN)) {
    console.log(paint("red", `  wrong: ${wrong}`));
  }
  const more = wrongResults.length - MOST_WRONG_SHOWN;
  if (more > 0) console.log(paint("red", `  and ${more} more`));
}

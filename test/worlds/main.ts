// Plays random worlds and counts those that differ from the rules:
// npm run worlds -- N [--seed S] [--first K] [--lanes N] [--workers N]
// npm run worlds -- --only K [--seed S] [--times N] [--shrink]
// With the word `trees` first, it plays random trees of nested calls and requests to
// models, on a fake clock:
// npm run worlds -- trees N [--seed S] [--first K] [--workers N] [--limits PLACE]
// npm run worlds -- trees --only K [--seed S] [--limits PLACE]
// PLACE is `process`, `store` or `plain-store`: one that knows of no nested calls.
// Exits with 1 if any differs. The second form plays one world, up to N times, until
// it differs: delays are real, so that not every time is the same.
import { availableParallelism } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import { drawWorld } from "./draw/draw-world.js";
import { hostText, resultText } from "./print-world.js";
import { runWorld, type WorldResult } from "./run-world.js";
import { runInWorkers } from "./run-in-workers.js";
import type { Campaign } from "./run-worlds.js";
import { shrinkWorld } from "./shrink-world.js";
import { LIMITS_PLACES } from "./trees/play-tree-number.js";
import { playOneTree, playTrees } from "./trees/play-trees.js";
import type { Verdict } from "./worker.js";

type WorldCampaign = Omit<Campaign, "onResult" | "play">;

const WORKER = new URL("./worker.ts", import.meta.url);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string", default: "1" },
    first: { type: "string", default: "0" },
    lanes: { type: "string", default: "24" },
    workers: { type: "string", default: String(availableParallelism()) },
    only: { type: "string" },
    times: { type: "string", default: "1" },
    shrink: { type: "boolean", default: false },
    limits: { type: "string", default: "process" },
  },
});
const seed = Number(values.seed);
const first = Number(values.first);
const workers = Number(values.workers);
process.exitCode = (await play()) ? 0 : 1;

function play(): Promise<boolean> {
  const areTrees = positionals[0] === "trees";
  const count = Number(positionals[areTrees ? 1 : 0] ?? 1_000);
  const only = values.only === undefined ? undefined : Number(values.only);
  const place = LIMITS_PLACES.find((one) => one === values.limits);
  if (place === undefined) {
    throw new Error(
      `Expected \`--limits\` to be one of ${LIMITS_PLACES.join(", ")}, got ${values.limits}.`,
    );
  }
  if (areTrees && only !== undefined) return playOneTree(seed, only, place);
  if (areTrees) return playTrees({ seed, first, count, place }, workers);
  return only === undefined ? playMany(count) : playOne(only);
}

async function playMany(count: number): Promise<boolean> {
  console.log(`${count} worlds of seed ${seed}`);
  const started = performance.now();
  let done = 0;
  const early = { worlds: 0, started: 0, discarded: 0 };
  const wrong: Verdict[] = [];
  const campaign = { seed, first, count, lanes: Number(values.lanes) };
  await runInWorkers<WorldCampaign, Verdict>(campaign, {
    program: WORKER,
    workers,
    onVerdict: (verdict) => {
      done += 1;
      if (verdict.early) {
        early.worlds += 1;
        early.started += verdict.early.started;
        early.discarded += verdict.early.discarded;
      }
      if (verdict.kinds.length > 0) {
        wrong.push(verdict);
        console.log(`world ${verdict.number}: ${verdict.kinds.join(", ")}`);
      }
      if (done % 1_000 === 0) {
        console.log(`${done} done, ${wrong.length} differ`);
      }
    },
  });
  const seconds = (performance.now() - started) / 1_000;
  for (const line of groups(wrong)) console.log(line);
  console.log(
    `${wrong.length} differences in ${done} worlds of seed ${seed}, ${seconds.toFixed(1)} s`,
  );
  console.log(
    `${early.worlds} of them eager: ${early.started} calls started early, ${early.started - early.discarded} were taken, ${early.discarded} discarded`,
  );
  return wrong.length === 0 && done === count;
}

/** By what differs first, then by host: how many, and a few of them. */
function groups(wrong: readonly Verdict[]): string[] {
  const numbers = new Map<string, number[]>();
  for (const { number, kinds } of wrong) {
    const name = `${kinds[0]} | ${hostText(drawWorld(seed, number).host)}`;
    numbers.set(name, [...(numbers.get(name) ?? []), number]);
  }
  return [...numbers]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, all]) => {
      const some = all.sort((a, b) => a - b).slice(0, 6);
      return `${name}: ${all.length}, e.g. ${some.join(" ")}`;
    });
}

async function playOne(number: number): Promise<boolean> {
  const world = drawWorld(seed, number);
  let result: WorldResult = await runWorld(world);
  for (let count = 1; count < Number(values.times); count += 1) {
    if (result.differences.length > 0) break;
    result = await runWorld(world);
  }
  const differs = result.differences.length > 0;
  if (differs && values.shrink) result = await shrinkWorld(result);
  console.log(resultText(result, true));
  return !differs;
}

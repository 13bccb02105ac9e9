// Plays random worlds and counts those that differ from the rules:
// npm run worlds -- N [--seed S] [--first K] [--only K] [--verbose]. Exits with 1 if any does.
import process from "node:process";
import { parseArgs } from "node:util";
import { drawWorld } from "./draw/draw-world.js";
import { resultText } from "./print-world.js";
import { runWorld } from "./run-world.js";
import { runWorlds } from "./run-worlds.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string", default: "1" },
    first: { type: "string", default: "0" },
    only: { type: "string" },
    lanes: { type: "string", default: "16" },
  },
});
const seed = Number(values.seed);
if (values.only !== undefined) {
  const result = await runWorld(drawWorld(seed, Number(values.only)));
  console.log(resultText(result, true));
  process.exitCode = result.differences.length > 0 ? 1 : 0;
} else {
  await runMany(Number(positionals[0] ?? 1_000));
}

async function runMany(count: number): Promise<void> {
  console.log(`${count} worlds of seed ${seed}`);
  const started = performance.now();
  let done = 0;
  const kinds = new Map<string, number[]>();
  const wrong = await runWorlds({
    seed,
    first: Number(values.first),
    count,
    lanes: Number(values.lanes),
    onResult: ({ world, differences }) => {
      done += 1;
      if (done % 1_000 === 0) console.log(`${done} done`);
      const [first] = differences;
      if (first === undefined) return;
      const numbers = kinds.get(first.kind) ?? [];
      numbers.push(world.number);
      kinds.set(first.kind, numbers);
    },
  });
  const seconds = (performance.now() - started) / 1_000;
  console.log(
    `${wrong.length} of ${count} worlds differ, ${seconds.toFixed(1)} s`,
  );
  for (const [kind, numbers] of kinds) {
    console.log(
      `${kind}: ${numbers.length}, e.g. ${numbers.slice(0, 8).join(" ")}`,
    );
  }
  if (wrong.length > 0) process.exitCode = 1;
}

import path from "node:path";
import { expect, test } from "vitest";
import { runOrThrow } from "./run-process.js";

const root = path.resolve(import.meta.dirname, "../..");

/** Bytes in use after each tenth of the runs. */
async function bytesInUse(mode: "with" | "without", runs: number) {
  const output = await runOrThrow(
    process.execPath,
    ["--expose-gc", "test/package/soak-program.mjs", mode, String(runs)],
    root,
  );
  return JSON.parse(output) as number[];
}

test("10,000 runs of an agent, some aborted, some paused, leave nothing behind", async () => {
  const used = await bytesInUse("with", 10_000);
  expect(used).toHaveLength(10);
  // What is compiled and cached by and by comes in the first half.
  const early = Math.max(...used.slice(2, 5));
  const late = Math.min(...used.slice(7));
  // One object of a hundred bytes per run would be five times as much.
  expect(late - early).toBeLessThan(0.01 * early + 5_000 * 20);
}, 600_000);

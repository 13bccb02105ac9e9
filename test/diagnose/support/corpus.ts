import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const given = process.env["CORPUS_DIR"];
const folder =
  given ?? fileURLToPath(new URL("../../../../shared/data", import.meta.url));

/** A hundred recorded conversations of tau-bench's airline agent. */
export const airlineFile = path.join(folder, "tau-bench-airline-gpt4o.json");

/**
 * Whether the corpus is there. It is not part of the project, so tests that need
 * it are skipped with a warning if it is missing. If `CORPUS_DIR` names its
 * folder, it has to be there.
 */
export const hasCorpus = existsSync(airlineFile);

if (!hasCorpus) {
  const where = path.resolve(folder);
  if (given !== undefined) {
    throw new Error(`Expected ${path.basename(airlineFile)} in ${where}.`);
  }
  console.warn(
    `SKIPPED: tests on recorded conversations, since there is no ${path.basename(airlineFile)} in ${where}. Set CORPUS_DIR to the folder that holds it.`,
  );
}

/** The messages of the recorded conversations. */
export function readAirline(): { role: string; tool_calls?: unknown[] }[][] {
  const items = JSON.parse(readFileSync(airlineFile, "utf8")) as {
    traj: { role: string; tool_calls?: unknown[] }[];
  }[];
  return items.map(({ traj }) => traj);
}

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const CORPUS_DIR =
  process.env["CORPUS_DIR"] ??
  fileURLToPath(new URL("../../../../shared/data", import.meta.url));

/**
 * The texts of corpora that are no part of the project: `../shared/data` beside
 * the repository, or wherever the environment's `CORPUS_DIR` says. Without them
 * the process says so in a line and exits with 1.
 */
export function readCorpus<Name extends string>(
  ...names: readonly Name[]
): Record<Name, string> {
  const missing = names.filter(
    (name) => !existsSync(path.join(CORPUS_DIR, name)),
  );
  if (missing.length > 0) {
    console.error(
      `Expected ${missing.join(", ")} in ${path.resolve(CORPUS_DIR)}, found nothing. Set CORPUS_DIR to the folder that holds the corpora.`,
    );
    process.exit(1);
  }
  return Object.fromEntries(
    names.map((name) => [
      name,
      readFileSync(path.join(CORPUS_DIR, name), "utf8"),
    ]),
  ) as Record<Name, string>;
}

/** The values of a file that holds one JSON value a line. */
export function parseLines(text: string): unknown[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as unknown);
}

// Runs one suite of checks on the packed library beside several versions of
// LangChain and LangGraph, which are installed from the registry:
// npm run test:hosts -- [SET...], of those in host-sets.ts; without a name all that
// the peer ranges take. Exits with 1 if a check fails.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { packLibrary } from "../package/pack-library.js";
import { buildSuite } from "./build-suite.js";
import { HOST_SETS, type HostSet } from "./host-sets.js";
import { printRuns } from "./print-runs.js";
import { runHostSet } from "./run-host-set.js";

const root = path.resolve(import.meta.dirname, "../..");
const sets = chosen(process.argv.slice(2));
checkLowest();

const folder = mkdtempSync(path.join(tmpdir(), "parallel-tools-node-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));

const [tarball, suite] = await Promise.all([packLibrary(folder), buildSuite()]);
const runs = await Promise.all(
  sets.map(async ([name, set]) => ({
    name,
    set,
    run: await runHostSet(set, path.join(folder, name), tarball, suite),
  })),
);
const isFine = printRuns(runs);
process.exitCode = isFine ? 0 : 1;

function chosen(names: readonly string[]): [string, HostSet][] {
  const all = Object.entries(HOST_SETS);
  const unknown = names.find((name) => HOST_SETS[name] === undefined);
  if (unknown !== undefined) {
    const known = Object.keys(HOST_SETS).join(", ");
    throw new Error(`Expected one of ${known}, got \`${unknown}\``);
  }
  if (names.length === 0) return all.filter(([, set]) => set.isInRange);
  return all.filter(([name]) => names.includes(name));
}

/** What the package says that it takes at least is what is tested. */
function checkLowest(): void {
  const { peerDependencies } = JSON.parse(
    readFileSync(
      path.join(root, "packages/parallel-tools-node/package.json"),
      "utf8",
    ),
  ) as { peerDependencies: Record<string, string> };
  const { packages } = HOST_SETS["lowest"] as HostSet;
  for (const name of [
    "@langchain/core",
    "@langchain/langgraph",
    "langchain",
  ] as const) {
    const range = peerDependencies[name] ?? "";
    if (!range.startsWith(`>=${packages[name]} `)) {
      throw new Error(
        `Expected the peer range of ${name} to begin at ${packages[name]}, ` +
          `which \`lowest\` has in host-sets.ts, got \`${range}\`. Move the two together.`,
      );
    }
  }
}

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { npmInstall } from "../package/npm-install.js";
import { runProcess } from "../package/run-process.js";
import type { HostSet } from "./host-sets.js";
import type { CheckResult } from "./suite/run-check.js";

/** What the suite found on a host. */
export interface HostRun {
  readonly results: readonly CheckResult[];
  /** What went wrong beside the checks, with the output. */
  readonly trouble?: string;
}

/** Two copies of one of these break identity checks. */
const single = ["@langchain/core", "@langchain/langgraph"];

/**
 * Installs the packed library beside the packages of a host and runs the suite.
 *
 * @param project a folder that is made for it
 * @param tarball the packed library
 * @param suite the program, as one file
 */
export async function runHostSet(
  { packages, isInRange }: HostSet,
  project: string,
  tarball: string,
  suite: string,
): Promise<HostRun> {
  const manifest = {
    private: true,
    type: "module",
    dependencies: {
      ...packages,
      // Beside zod 4, as an application has it that has not moved on.
      "zod-3": "npm:zod@3.25.76",
      "parallel-tools-node": `file:${tarball}`,
    },
  };
  mkdirSync(project);
  writeFileSync(path.join(project, "package.json"), JSON.stringify(manifest));
  try {
    // Without force npm refuses what the peer ranges don't take.
    await npmInstall(project, ...(isInRange ? [] : ["--force"]));
    checkInstalled(project, packages);
  } catch (error) {
    return { results: [], trouble: String(error) };
  }
  const program = path.join(project, "suite.mjs");
  writeFileSync(program, suite);
  const { code, stdout, stderr } = await runProcess(
    process.execPath,
    ["--enable-source-maps", program, JSON.stringify(packages)],
    project,
  );
  const results = stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as CheckResult);
  const isWhole = code === 0 && results.length > 0;
  const hasFailed = results.some(({ result }) => result === "failed");
  const output = `The suite exited with ${code}.\n${stderr}`;
  return { results, ...((!isWhole || hasFailed) && { trouble: output }) };
}

function checkInstalled(project: string, packages: HostSet["packages"]): void {
  const lock = JSON.parse(
    readFileSync(path.join(project, "package-lock.json"), "utf8"),
  ) as { packages: Record<string, { version: string }> };
  for (const [name, expected] of Object.entries(packages)) {
    const got = lock.packages[`node_modules/${name}`]?.version;
    if (got !== expected) {
      throw new Error(`Expected ${name} ${expected} to be there, got ${got}`);
    }
  }
  for (const name of single) {
    const copies = Object.keys(lock.packages).filter((place) =>
      place.endsWith(`node_modules/${name}`),
    );
    if (copies.length !== 1) {
      throw new Error(`Expected one copy of ${name}, got ${copies.join()}`);
    }
  }
}

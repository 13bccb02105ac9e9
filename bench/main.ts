// Runs one benchmark, or all of them, each in a process of its own. Exits with
// 1 if one missed a target.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const benchmarks: Record<string, () => Promise<() => Promise<boolean>>> = {
  overhead: async () => (await import("./overhead.js")).overhead,
  scope: async () => (await import("./scope.js")).scope,
  durable: async () => (await import("./durable.js")).durable,
  builds: async () => (await import("./builds.js")).builds,
  tracing: async () => (await import("./tracing.js")).tracing,
  makespan: async () => (await import("./makespan.js")).makespan,
  isolation: async () => (await import("./isolation.js")).isolation,
  scale: async () => (await import("./scale.js")).scale,
  rate: async () => (await import("./rate.js")).rate,
  nested: async () => (await import("./nested.js")).nested,
  "model-quota": async () => (await import("./model-quota.js")).modelQuota,
  eager: async () => (await import("./eager.js")).eager,
  code: async () => (await import("./code.js")).code,
  starve: async () => (await import("./starve.js")).starve,
  shared: async () => (await import("./shared.js")).shared,
  adaptation: async () => (await import("./adaptation.js")).adaptation,
  corpus: async () => (await import("./corpus.js")).corpus,
  turns: async () => (await import("./turns.js")).turns,
  team: async () => (await import("./team.js")).team,
  diagnose: async () => (await import("./diagnose.js")).diagnose,
};

const [name = "", ...rest] = process.argv.slice(2);
const load = Object.hasOwn(benchmarks, name) ? benchmarks[name] : undefined;
if (name === "all" && rest.length === 0) {
  const alone = Object.keys(benchmarks).filter((one) => one !== "builds");
  const missed = alone.filter((one) => !succeeds(one));
  if (missed.length > 0) fail(`Missed a target: ${missed.join(", ")}.`);
} else if (load !== undefined && rest.length === 0) {
  const run = await load();
  if (!(await run())) fail(`\n${name} missed a target.`);
} else {
  const given = process.argv.slice(2).join(" ");
  fail(
    `Expected the name of one benchmark, got ${given === "" ? "none" : `\`${given}\``}. ` +
      `Names: ${[...Object.keys(benchmarks), "all"].join(", ")}. ` +
      "Run one as `npm run bench -- overhead`.",
  );
}

function succeeds(benchmark: string): boolean {
  const { status } = spawnSync(
    process.execPath,
    [...process.execArgv, fileURLToPath(import.meta.url), benchmark],
    { stdio: "inherit" },
  );
  return status === 0;
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}

import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { reportToHtml } from "parallel-tools-node/report";
import { ours } from "./runners.js";
import type { SceneResult } from "./table.js";

/** Not kept by Git. */
const FILE = path.resolve(import.meta.dirname, "../../../../.tmp/demo.html");

/** Writes what ParallelToolNode ran, batch by batch. Gives the file's path. */
export function writeHtml(results: readonly SceneResult[]): string {
  const batches = results.flatMap(({ scene, runs }) => {
    const run = runs.find(({ runner }) => runner === ours);
    const reports = run?.record.reports ?? [];
    return reports.map((report, i) => ({
      report,
      title:
        reports.length === 1 ? scene.title : `${scene.title}, message ${i + 1}`,
    }));
  });
  mkdirSync(path.dirname(FILE), { recursive: true });
  writeFileSync(
    FILE,
    reportToHtml(
      batches.map(({ report }) => report),
      {
        title: "What ParallelToolNode ran in the demo",
        titles: batches.map(({ title }) => title),
      },
    ),
  );
  return FILE;
}

// Counts the source files and the functions that a message of two calls enters,
// for each way to the tools. Exits with 1 if a way enters more files than its
// bound:
// npm run walk
// With words, shows those ways alone and lists what each enters:
// npm run walk -- durable policy
import process from "node:process";
import { type EnteredFunctions, functionsEnteredBy } from "./coverage.js";
import { type Row, rows } from "./rows.js";

const sources = new URL(
  "../../packages/parallel-tools-node/src/",
  import.meta.url,
).href;
const words = process.argv.slice(2);
const chosen = rows.filter(({ name }) =>
  words.every((word) => name.split(" ").includes(word)),
);

if (chosen.length === 0) {
  console.error(
    `Expected words of a row, got \`${words.join(" ")}\`. ` +
      `Rows: ${rows.map(({ name }) => name).join(", ")}.`,
  );
  process.exitCode = 1;
} else {
  await walk(chosen);
}

async function walk(chosen: readonly Row[]): Promise<void> {
  printLine("", "files", "functions", "bound", "");
  const tooLong: Row[] = [];
  for (const row of chosen) {
    const files = await functionsEnteredBy(row.run, sources);
    const functions = [...files.values()].flat();
    const isOver = files.size > row.bound;
    if (isOver) tooLong.push(row);
    printLine(
      row.name,
      files.size,
      functions.length,
      row.bound,
      isOver ? "over" : "ok",
    );
    if (words.length > 0) list(files);
  }
  if (tooLong.length > 0) {
    const names = tooLong.map(({ name }) => name).join(", ");
    console.error(`More files than the bound: ${names}.`);
    process.exitCode = 1;
  }
}

function printLine(
  name: string,
  files: string | number,
  functions: string | number,
  bound: string | number,
  verdict: string,
): void {
  const numbers = [files, functions, bound].map((one) =>
    String(one).padStart(10),
  );
  console.log(`${name.padEnd(18)}${numbers.join("")}  ${verdict}`.trimEnd());
}

function list(files: EnteredFunctions): void {
  for (const [file, functions] of files) {
    console.log(`  ${file}: ${functions.join(", ")}`);
  }
}

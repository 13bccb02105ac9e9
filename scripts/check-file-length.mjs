// A source file that outgrows the limit is two thoughts: names those that did.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const limit = 400;
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const folders = [
  ...readdirSync(path.join(root, "packages")).map((name) =>
    path.join("packages", name, "src"),
  ),
  "test",
  "bench",
  "scripts",
];

const tooLong = folders
  .flatMap(sourceFiles)
  .map((file) => ({ file, lines: countLines(file) }))
  .filter(({ lines }) => lines > limit);

for (const { file, lines } of tooLong) {
  console.error(`${file}: ${lines} lines, at most ${limit} are allowed`);
}
if (tooLong.length > 0) process.exit(1);

function sourceFiles(folder) {
  if (!existsSync(path.join(root, folder))) return [];
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap(
    (entry) => {
      if (entry.name === "node_modules" || entry.name.startsWith(".")) {
        return [];
      }
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) return sourceFiles(file);
      return /\.[cm]?[jt]sx?$/.test(entry.name) ? [file] : [];
    },
  );
}

function countLines(file) {
  const text = readFileSync(path.join(root, file), "utf8");
  return text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}

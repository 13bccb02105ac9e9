import { readdirSync } from "node:fs";
import path from "node:path";

export const root = path.resolve(import.meta.dirname, "../..");

const skipped = new Set(["node_modules", "dist", "coverage", "test-results"]);

/** Files below a folder of the repository, as paths relative to the root. */
export function filesBelow(folder: string, extension: string): string[] {
  const entries = readdirSync(path.join(root, folder), { withFileTypes: true });
  return entries.flatMap((entry) => {
    const file = path.posix.join(folder, entry.name);
    if (entry.isDirectory()) {
      return skipped.has(entry.name) || entry.name.startsWith(".")
        ? []
        : filesBelow(file, extension);
    }
    return entry.name.endsWith(extension) ? [file] : [];
  });
}

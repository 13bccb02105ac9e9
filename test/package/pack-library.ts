import { readdirSync } from "node:fs";
import path from "node:path";
import { runOrThrow } from "./run-process.js";

const root = path.resolve(import.meta.dirname, "../..");
// What a release runs: unlike npm it writes versions in place of `catalog:`.
const pnpm = path.join(root, "node_modules/pnpm/bin/pnpm.cjs");

/**
 * Packs the library as it was last built.
 *
 * @param folder where the tarball goes; it holds no other
 * @returns the path of the tarball
 */
export async function packLibrary(folder: string): Promise<string> {
  await runOrThrow(
    process.execPath,
    [pnpm, "pack", "--pack-destination", folder],
    path.join(root, "packages/parallel-tools-node"),
  );
  const name = readdirSync(folder).find((file) => file.endsWith(".tgz"));
  if (name === undefined) throw new Error("pnpm pack left no tarball");
  return path.join(folder, name);
}

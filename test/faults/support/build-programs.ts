import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const folder = fileURLToPath(new URL(".", import.meta.url));

/**
 * Makes one file of each program, on the sources of the library, so that a
 * process is there in a fraction of a second.
 *
 * @param outFolder where they go
 */
export async function buildPrograms(outFolder: string): Promise<{
  readonly agent: string;
  readonly ledger: string;
}> {
  const names = ["agent-program", "ledger-program"];
  await build({
    entryPoints: names.map((name) => path.join(folder, `${name}.ts`)),
    outdir: outFolder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    tsconfig: path.join(folder, "../../tsconfig.json"),
    external: ["pg-native"],
    logLevel: "error",
    banner: {
      js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
    },
  });
  const [agent, ledger] = names.map((name) =>
    path.join(outFolder, `${name}.mjs`),
  );
  return { agent: agent as string, ledger: ledger as string };
}

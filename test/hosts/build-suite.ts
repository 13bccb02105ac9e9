import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/**
 * Makes one plain program of the suite. It imports the library and its host as
 * packages, so that it runs in any folder in which these are installed.
 */
export async function buildSuite(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("suite/main.ts", import.meta.url))],
    bundle: true,
    packages: "external",
    // Without that of the tests, which has the sources in place of the package.
    tsconfigRaw: {},
    platform: "node",
    target: "node20",
    format: "esm",
    sourcemap: "inline",
    write: false,
    logLevel: "error",
  });
  return outputFiles[0]?.text ?? "";
}

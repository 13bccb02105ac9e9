import { defineConfig, type UserConfig } from "tsdown";

const shared = {
  target: "node20",
  platform: "node",
  sourcemap: true,
  fixedExtension: false,
  // A script for Redis goes into the bundle: nothing is read when it runs.
  loader: { ".lua": "text" },
} satisfies UserConfig;

export default defineConfig([
  {
    ...shared,
    entry: {
      index: "src/index.ts",
      code: "src/code.ts",
      diagnose: "src/diagnose.ts",
      middleware: "src/middleware.ts",
      opentelemetry: "src/opentelemetry.ts",
      redis: "src/redis.ts",
      report: "src/report.ts",
    },
    format: ["esm", "cjs"],
    dts: { sourcemap: true },
    clean: true,
    deps: { onlyBundle: [] },
  },
  {
    ...shared,
    // Built on its own: it runs when it is loaded, so nothing else may share a
    // chunk with it.
    entry: { cli: "src/cli.ts" },
    format: "esm",
    dts: false,
    clean: false,
    // For the command alone; no agent should have to install it.
    deps: { alwaysBundle: ["commander"], onlyBundle: ["commander"] },
  },
]);

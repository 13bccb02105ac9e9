import { defineConfig } from "tsdown";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    opentelemetry: "src/opentelemetry.ts",
    redis: "src/redis.ts",
    report: "src/report.ts",
  },
  format: ["esm", "cjs"],
  target: "node20",
  platform: "node",
  dts: { sourcemap: true },
  sourcemap: true,
  clean: true,
  fixedExtension: false,
  // p-limit is ESM only: left external, the CommonJS build would get its
  // namespace in place of the function.
  deps: {
    alwaysBundle: ["p-limit", "yocto-queue"],
    onlyBundle: ["p-limit", "yocto-queue"],
  },
});

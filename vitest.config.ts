import process from "node:process";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = fileURLToPath(
  new URL("./packages/parallel-tools-node/src/", import.meta.url),
);

/** Lua files as their text, as the build has them. */
const luaAsText = {
  name: "lua-as-text",
  transform: (text: string, id: string) =>
    id.endsWith(".lua") ? `export default ${JSON.stringify(text)};` : null,
};

/** The tests run on the sources: no build is needed. */
const onSources = {
  plugins: [luaAsText],
  resolve: {
    alias: [
      { find: /^parallel-tools-node$/, replacement: `${source}index.ts` },
      {
        find: /^parallel-tools-node\/(code|diagnose|middleware|opentelemetry|redis|report)$/,
        replacement: `${source}$1.ts`,
      },
      { find: /^@\//, replacement: source },
    ],
  },
};

/** Tests that need or start a server, or need a Chromium. */
const services = "test/**/*.services.test.ts";

/** Rooms whose tests run no agent and leave nothing running. */
const pureRooms =
  "test/{answers,diagnose,errors,limits,plan,policy,references,report,schedule,shared}/**/*.test.ts";

/** Of all tests. A run of some of them isn't held against it. */
const leastCoverage = { lines: 99, branches: 94 };
const isRunOfAll = process.argv.some((argument) =>
  argument.startsWith("--merge-reports"),
);

/** A hang is found all the same. A slow machine is not a failure. */
const testTimeout = 60_000;

export default defineConfig({
  test: {
    // Most of a file's time is the import of LangChain.
    maxWorkers: "100%",
    coverage: {
      provider: "v8",
      include: ["packages/parallel-tools-node/src/**/*.ts"],
      reporter: ["text", "html"],
      reportOnFailure: true,
      ...(isRunOfAll && { thresholds: leastCoverage }),
    },
    projects: [
      {
        ...onSources,
        test: {
          name: "library",
          include: ["test/**/*.test.ts"],
          exclude: [pureRooms, services, "test/package/**", "test/docs/**"],
          testTimeout,
          typecheck: {
            enabled: true,
            include: ["test/**/*.test-d.ts"],
            tsconfig: "test/tsconfig.json",
            // `npm run typecheck` covers the sources.
            ignoreSourceErrors: true,
          },
        },
      },
      {
        ...onSources,
        test: {
          name: "library-pure",
          include: [pureRooms],
          exclude: [services],
          testTimeout,
          // They share what they import, which takes longer than most of them.
          isolate: false,
        },
      },
      {
        ...onSources,
        test: {
          name: "services",
          include: [services],
          globalSetup: "test/support/global-setup.ts",
          // The files start servers and wait in real time: one at a time.
          fileParallelism: false,
        },
      },
      {
        // Runs on the build: what a user installs, the examples, the documents.
        test: {
          name: "package",
          include: ["test/package/**/*.test.ts", "test/docs/**/*.test.ts"],
          // The files install packages and start processes: one at a time.
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});

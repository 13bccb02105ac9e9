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

export default defineConfig({
  test: {
    coverage: {
      provider: "v8",
      include: ["packages/parallel-tools-node/src/**/*.ts"],
      reporter: ["text", "html"],
    },
    projects: [
      {
        // Runs on the sources: no build is needed.
        plugins: [luaAsText],
        resolve: {
          alias: [
            { find: /^parallel-tools-node$/, replacement: `${source}index.ts` },
            {
              find: /^parallel-tools-node\/(diagnose|middleware|opentelemetry|redis|report)$/,
              replacement: `${source}$1.ts`,
            },
            { find: /^@\//, replacement: source },
          ],
        },
        test: {
          name: "library",
          include: ["test/**/*.test.ts"],
          exclude: ["test/package/**", "test/docs/**"],
          globalSetup: "test/support/global-setup.ts",
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

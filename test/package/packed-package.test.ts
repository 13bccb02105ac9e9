import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  consumerProgram,
  consumerTypes,
  type ModuleFormat,
} from "./consumer-program.js";
import { runOrThrow } from "./run-process.js";

/** Bound of the ESM entry after gzip; it is not minified. */
const maxGzipBytes = 55_000;

const root = path.resolve(import.meta.dirname, "../..");
const library = path.join(root, "packages/parallel-tools-node");
const tsc = path.join(root, "node_modules/typescript/bin/tsc");
// What a release runs: unlike npm it writes versions in place of `catalog:`.
const pnpm = path.join(root, "node_modules/pnpm/bin/pnpm.cjs");
const npm = process.platform === "win32" ? "npm.cmd" : "npm";

// The consumers install the versions that the workspace has.
const require = createRequire(import.meta.url);
const pins = ["@langchain/core", "@langchain/langgraph", "zod"].map((name) => {
  const manifest = path.join(root, "node_modules", name, "package.json");
  return `${name}@${require(manifest).version as string}`;
});

let folder = "";
let tarball = "";

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "parallel-tools-node-"));
  await runOrThrow(
    process.execPath,
    [pnpm, "pack", "--pack-destination", folder],
    library,
  );
  const name = readdirSync(folder).find((file) => file.endsWith(".tgz"));
  if (name === undefined) throw new Error("pnpm pack left no tarball");
  tarball = path.join(folder, name);
});

afterAll(() => {
  if (folder !== "") rmSync(folder, { recursive: true, force: true });
});

describe("the tarball", () => {
  test("holds the build, the README and the licence, and nothing else", async () => {
    const listing = await runOrThrow("tar", ["-tzf", tarball], folder);
    const files = listing
      .trim()
      .split("\n")
      .map((file) => file.replace(/^package\//, ""));
    expect(files.filter((file) => !file.startsWith("dist/")).sort()).toEqual([
      "LICENSE",
      "README.md",
      "package.json",
    ]);
    expect(files).toEqual(
      expect.arrayContaining([
        "dist/index.js",
        "dist/index.d.ts",
        "dist/index.cjs",
        "dist/index.d.cts",
      ]),
    );
    expect(
      files.filter(
        (file) => !/\.(?:d\.)?c?[jt]s(?:\.map)?$|^[^/]+$/.test(file),
      ),
    ).toEqual([]);
  });

  test("has a manifest that every package manager reads", async () => {
    const manifest = await runOrThrow(
      "tar",
      ["-xzOf", tarball, "package/package.json"],
      folder,
    );
    expect(JSON.parse(manifest)).not.toHaveProperty("dependencies");
    expect(manifest).not.toMatch(/"(?:catalog|workspace|link|file):/);
  });

  test("loads p-limit neither at run time nor in its types", () => {
    const dist = path.join(library, "dist");
    const outside = readdirSync(dist)
      .filter((file) => !file.endsWith(".map"))
      .filter((file) =>
        /(?:from|import|require)\s*\(?\s*["'](?:p-limit|yocto-queue)/.test(
          readFileSync(path.join(dist, file), "utf8"),
        ),
      );
    expect(outside).toEqual([]);
  });

  test(`is at most ${maxGzipBytes} bytes of gzip`, () => {
    const entry = readFileSync(path.join(library, "dist/index.js"));
    expect(gzipSync(entry).byteLength).toBeLessThanOrEqual(maxGzipBytes);
  });
});

describe.each<ModuleFormat>(["esm", "cjs"])("a %s project", (format) => {
  let project = "";

  beforeAll(async () => {
    project = path.join(folder, format);
    mkdirSync(project);
    write("package.json", {
      name: `consumer-${format}`,
      private: true,
      type: format === "esm" ? "module" : "commonjs",
    });
    await runOrThrow(
      npm,
      [
        "install",
        "--prefer-offline",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        tarball,
        ...pins,
      ],
      project,
    );
  });

  function write(name: string, content: string | object): void {
    writeFileSync(
      path.join(project, name),
      typeof content === "string" ? content : JSON.stringify(content),
    );
  }

  test("runs a capped batch and gets its answers in the order of the calls", async () => {
    write("main.js", consumerProgram(format));
    const seen: unknown = JSON.parse(
      await runOrThrow(process.execPath, ["main.js"], project),
    );
    expect(seen).toEqual({
      isToolNode: true,
      answers: [
        ["tool", "call_1", "slow 1"],
        ["tool", "call_2", "quick 2"],
        ["tool", "call_3", "slow 3"],
        ["tool", "call_4", "slow 4"],
      ],
      log: ["start 1", "end 1", "start 3", "end 3", "start 4", "end 4"],
    });
  });

  test("draws a report, and loads nothing of OpenTelemetry for it", async () => {
    const body = `
const report = { beganAt: 0, shape: "single", depth: 0, durationMs: 0, sumMs: 0,
  longestPathMs: 0, lowerBound: { ms: 0, by: "path" }, waitedMs: {},
  criticalPath: [], calls: [] };
console.log(formatReport(report), reportToHtml([report]).slice(0, 15));
`;
    const names = "{ formatReport, reportToHtml }";
    write(
      "report.js",
      format === "esm"
        ? `import ${names} from "parallel-tools-node/report";${body}`
        : `const ${names} = require("parallel-tools-node/report");${body}`,
    );
    expect(await runOrThrow(process.execPath, ["report.js"], project)).toBe(
      "0 calls in 0 ms. <!doctype html>\n",
    );
    expect(existsSync(path.join(project, "node_modules/@opentelemetry"))).toBe(
      false,
    );
  });

  test("compiles against the types", async () => {
    write("consumer.ts", consumerTypes);
    write("tsconfig.json", {
      compilerOptions: {
        target: "ES2023",
        // DOM: the project has no @types/node, like a consumer at the edge.
        lib: ["ES2023", "DOM"],
        types: [],
        module: "Node16",
        moduleResolution: "Node16",
        strict: true,
        skipLibCheck: true,
        noEmit: true,
      },
      files: ["consumer.ts"],
    });
    await runOrThrow(process.execPath, [tsc, "-p", "."], project);
  });
});

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
  agentProgram,
  consumerProgram,
  consumerTypes,
  diagnosingProgram,
  type ModuleFormat,
} from "./consumer-program.js";
import { npmInstall } from "./npm-install.js";
import { packLibrary } from "./pack-library.js";
import { runOrThrow } from "./run-process.js";

/** Bound of the ESM entry and its chunks after gzip; they are not minified. */
const maxGzipBytes = 176_000;

const root = path.resolve(import.meta.dirname, "../..");
const library = path.join(root, "packages/parallel-tools-node");
const tsc = path.join(root, "node_modules/typescript/bin/tsc");

// The consumers install the versions that the workspace has.
const require = createRequire(import.meta.url);
const pins = ["@langchain/core", "@langchain/langgraph", "zod"].map(pinned);
const langchain = pinned("langchain");

function pinned(name: string): string {
  const manifest = path.join(root, "node_modules", name, "package.json");
  return `${name}@${require(manifest).version as string}`;
}

let folder = "";
let tarball = "";

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "parallel-tools-node-"));
  tarball = await packLibrary(folder);
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
      "bin/parallel-tools.js",
      "package.json",
    ]);
    expect(files).toEqual(
      expect.arrayContaining([
        "dist/index.js",
        "dist/index.d.ts",
        "dist/index.cjs",
        "dist/index.d.cts",
        "dist/diagnose.js",
        "dist/diagnose.d.ts",
        "dist/diagnose.cjs",
        "dist/diagnose.d.cts",
        "dist/cli.js",
        "dist/code.js",
        "dist/code.d.ts",
        "dist/code.cjs",
        "dist/code.d.cts",
        "dist/redis.js",
        "dist/redis.d.ts",
        "dist/redis.cjs",
        "dist/redis.d.cts",
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

  test("loads p-limit and commander neither at run time nor in its types", () => {
    const dist = path.join(library, "dist");
    const outside = readdirSync(dist)
      .filter((file) => !file.endsWith(".map"))
      .filter((file) =>
        /(?:from|import|require)\s*\(?\s*["'](?:p-limit|yocto-queue|commander)/.test(
          readFileSync(path.join(dist, file), "utf8"),
        ),
      );
    expect(outside).toEqual([]);
  });

  test(`is at most ${maxGzipBytes} bytes of gzip`, () => {
    const files = withChunks("index.js", path.join(library, "dist"));
    const code = files.map((file) => readFileSync(file)).join("\n");
    expect(gzipSync(code).byteLength).toBeLessThanOrEqual(maxGzipBytes);
  });
});

/** A file and all that it imports from its own folder. */
function withChunks(
  file: string,
  dist: string,
  seen = new Set<string>(),
): string[] {
  const place = path.join(dist, file);
  if (seen.has(place)) return [];
  seen.add(place);
  const source = readFileSync(place, "utf8");
  for (const [, chunk] of source.matchAll(/from\s*"\.\/([^"]+)"/g)) {
    withChunks(chunk as string, dist, seen);
  }
  return [...seen];
}

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
    await npmInstall(project, tarball, ...pins);
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
      refusal:
        "Expected `limits.client` to be a `Redis` or `Cluster` of ioredis 5 or 6, got `{}` (object)",
    });
  });

  test("runs an agent with the middleware, once it has langchain", async () => {
    await npmInstall(project, langchain);
    write("agent.js", agentProgram(format));
    const seen: unknown = JSON.parse(
      await runOrThrow(process.execPath, ["agent.js"], project),
    );
    expect(seen).toEqual({
      answers: ["first done", "second done"],
      log: ["second", "first"],
    });
  });

  test("diagnoses a conversation", async () => {
    write("diagnosing.js", diagnosingProgram(format));
    const seen: unknown = JSON.parse(
      await runOrThrow(process.execPath, ["diagnosing.js"], project),
    );
    expect(seen).toEqual({ turns: 2, turnsNeeded: 1 });
  });

  test("has the command", async () => {
    write("talk.json", [{ role: "user", content: "Hi" }]);
    const bin = path.join("node_modules", ".bin", "parallel-tools");
    const command = process.platform === "win32" ? `${bin}.cmd` : bin;
    expect(await runOrThrow(command, ["diagnose", "talk.json"], project)).toBe(
      "1 conversation, 0 calls in 0 turns. No turn could have been saved.\n",
    );
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

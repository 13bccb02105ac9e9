import {
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import ts from "typescript";
import { beforeAll, describe, expect, test } from "vitest";
import { type Fence, findFences } from "./find-fences.js";
import { filesBelow, root } from "./repository-files.js";

// Inside the workspace, so that the imports of a fence resolve.
const folder = path.join(root, ".tmp/docs");
const types = path.join(root, "packages/parallel-tools-node/dist/index.d.ts");

const fences = [
  "README.md",
  "CONTRIBUTING.md",
  ...filesBelow("docs", ".md"),
  ...filesBelow("packages", ".ts").filter((file) => file.includes("/src/")),
].flatMap((file) => {
  const full = path.join(root, file);
  return existsSync(full) ? findFences(file, readFileSync(full, "utf8")) : [];
});

let diagnostics: readonly ts.Diagnostic[] = [];

beforeAll(() => {
  if (!existsSync(types)) {
    throw new Error("Expected the library to be built: run `npm run build`");
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const fence of fences) writeFileSync(moduleOf(fence), paddedCode(fence));
  const program = ts.createProgram(fences.map(moduleOf), compilerOptions());
  diagnostics = ts.getPreEmitDiagnostics(program);
});

test("the README has examples", () => {
  expect(fences.some(({ file }) => file === "README.md")).toBe(true);
});

describe("documented code compiles", () => {
  test.each(fences.map((fence) => [nameOf(fence), fence] as const))(
    "%s",
    (_name, fence) => {
      const errors = diagnostics
        .filter(({ file }) => file?.fileName === toPosix(moduleOf(fence)))
        .map((diagnostic) => describeError(fence, diagnostic));
      expect(errors).toEqual([]);
    },
  );

  test("and nothing else is wrong with it", () => {
    const modules = new Set(fences.map((fence) => toPosix(moduleOf(fence))));
    const others = diagnostics
      .filter(({ file }) => file === undefined || !modules.has(file.fileName))
      .map(({ file, messageText }) =>
        `${file?.fileName ?? ""} ${ts.flattenDiagnosticMessageText(messageText, "\n")}`.trim(),
      );
    expect(others).toEqual([]);
  });
});

function compilerOptions(): ts.CompilerOptions {
  const base = path.join(root, "tsconfig.base.json");
  const { config } = ts.readConfigFile(base, (file) => ts.sys.readFile(file));
  return {
    ...ts.parseJsonConfigFileContent(config, ts.sys, root).options,
    // An example may name a thing without going on to use it.
    noUnusedLocals: false,
    noUnusedParameters: false,
  };
}

/** The code on the lines on which it stands in the document. */
function paddedCode({ code, line }: Fence): string {
  return `${"\n".repeat(line - 1)}${code}\nexport {};\n`;
}

function nameOf({ file, line }: Fence): string {
  return `${file}:${line}`;
}

function moduleOf({ file, line }: Fence): string {
  return path.join(folder, `${file.replaceAll("/", "__")}.${line}.ts`);
}

function toPosix(file: string): string {
  return file.split(path.sep).join("/");
}

function describeError(fence: Fence, diagnostic: ts.Diagnostic): string {
  const { file, start = 0, messageText } = diagnostic;
  const line = (file?.getLineAndCharacterOfPosition(start).line ?? 0) + 1;
  const text = ts.flattenDiagnosticMessageText(messageText, "\n");
  return `${fence.file}:${line} ${text}`;
}

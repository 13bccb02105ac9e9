// Compares the public declarations of the library with the reports of them that
// are checked in, one for each entry point, and exits with 1 if one differs:
// npm run api
// npm run api -- --update writes the reports anew.
import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import {
  CompilerState,
  ConsoleMessageId,
  Extractor,
  ExtractorConfig,
} from "@microsoft/api-extractor";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const library = path.join(root, "packages", "parallel-tools-node");
const manifest = path.join(library, "package.json");
const reports = path.join(library, "api");
// Inside the package, where the declarations find what they import.
const output = path.join(library, ".tmp", "api");
const declarations = path.join(output, "declarations");
const isUpdate = process.argv.slice(2).includes("--update");

const entryPoints = readEntryPoints();
emitDeclarations();
entryPoints.forEach(sortExports);
if (isUpdate) rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
const configs = entryPoints.map(configOf);
const compilerState = CompilerState.create(configs[0], {
  additionalEntryPoints: configs.map((one) => one.mainEntryPointFilePath),
});
const changed = configs
  .filter(hasChanged)
  .map(({ reportFilePath }) => reportFilePath);
const differing = isUpdate ? [] : [...changed, ...strayReports()];
if (differing.length > 0) {
  const files = differing.map((file) => path.relative(root, file)).join(", ");
  console.error(
    `The public declarations are not those of ${files}. If the change is meant, ` +
      "run `npm run api -- --update`, commit what it writes, and describe the " +
      "change with `npm run changeset`.",
  );
  process.exitCode = 1;
}

/**
 * As tsc writes them, one file for each source file. In the build, they are
 * bundled into chunks, which are named by their content, and which rename what
 * has the same name in two files.
 */
function emitDeclarations() {
  rmSync(output, { recursive: true, force: true });
  const { status } = spawnSync(
    process.execPath,
    [
      path.join(root, "node_modules", "typescript", "bin", "tsc"),
      "--project",
      library,
      "--rootDir",
      library,
      "--outDir",
      declarations,
      "--declaration",
      "--emitDeclarationOnly",
      "--noEmit",
      "false",
      // `npm run typecheck` does that.
      "--noCheck",
    ],
    { stdio: "inherit" },
  );
  if (status !== 0) process.exit(1);
}

/** `index`, `redis` and so on: the names of the source files. */
function readEntryPoints() {
  return Object.keys(JSON.parse(readFileSync(manifest, "utf8")).exports)
    .filter((name) => name !== "./package.json")
    .map((name) => (name === "." ? "index" : name.slice("./".length)));
}

function declarationsOf(entryPoint) {
  return path.join(declarations, "src", `${entryPoint}.d.ts`);
}

/**
 * One statement for each name, in the order of the names. API Extractor numbers
 * what has the same name in two files (`marker`, `marker_2`), in the order of
 * the exports. Without this, a file that moves would change the report.
 */
function sortExports(entryPoint) {
  const file = declarationsOf(entryPoint);
  const lines = readFileSync(file, "utf8")
    .replace(/\/\*.*?\*\//gs, "")
    .split("\n")
    .filter((line) => line !== "")
    .flatMap((line) => {
      const found = /^export (type )?\{ (.*?),? \} from (".*");$/.exec(line);
      if (found === null) {
        throw new Error(`${file}: expected named re-exports, got ${line}`);
      }
      const [, type = "", names, source] = found;
      return names.split(", ").map((name) => ({
        key: name.replace(/^type /, ""),
        text: `export ${type}{ ${name} } from ${source};`,
      }));
    });
  lines.sort((a, b) => (a.key < b.key ? -1 : 1));
  writeFileSync(file, lines.map(({ text }) => `${text}\n`).join(""));
}

function configOf(entryPoint) {
  return ExtractorConfig.prepare({
    packageJsonFullPath: manifest,
    configObjectFullPath: undefined,
    configObject: {
      projectFolder: library,
      mainEntryPointFilePath: declarationsOf(entryPoint),
      compiler: { tsconfigFilePath: path.join(library, "tsconfig.json") },
      apiReport: {
        enabled: true,
        reportFileName: entryPoint,
        reportFolder: reports,
        reportTempFolder: output,
        // Types that no entry point exports, but that exported ones are made of.
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: "lf",
      messages: {
        compilerMessageReporting: { default: { logLevel: "error" } },
        // Advice on how to write declarations and comments.
        extractorMessageReporting: { default: { logLevel: "none" } },
        tsdocMessageReporting: { default: { logLevel: "none" } },
      },
    },
  });
}

function hasChanged(config) {
  const { apiReportChanged, errorCount } = Extractor.invoke(config, {
    compilerState,
    localBuild: isUpdate,
    printApiReportDiff: !isUpdate,
    messageCallback: print,
  });
  if (errorCount > 0) process.exit(1);
  return apiReportChanged;
}

/** Prints what changed. What isn't handled here, such as errors, prints itself. */
function print(message) {
  if (message.logLevel === "error") return;
  message.handled = true;
  if (message.messageId === ConsoleMessageId.ApiReportDiff) {
    console.error(message.text);
  }
}

/** Reports of what is no entry point anymore. */
function strayReports() {
  const known = configs.map(({ reportFilePath }) => reportFilePath);
  return readdirSync(reports)
    .map((name) => path.join(reports, name))
    .filter((file) => !known.includes(file));
}

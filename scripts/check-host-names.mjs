// Names that LangGraph and LangChain keep to themselves stand in src/langgraph/
// alone, so that a new version of them is read there and nowhere else.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const source = path.join("packages", "parallel-tools-node", "src");

/** Where the names may stand: diagnose/ reads recordings, which hold them. */
const rooms = ["langgraph", "diagnose"];
/** What a class of errors/ must say itself, since it imports nothing. */
const exceptions = {
  "errors/tool-call-failed-error.ts": ["~brand", "ToolInvocationError"],
};

const names = new RegExp(
  [
    // Keys, channels and namespaces: `__pregel_task_id`, `__resume__`.
    /__pregel_\w+/,
    /__(?!proto__)[a-z]\w*?__/,
    /\bcheckpoint_(?:ns|id|map)\b/,
    // Fields: `lg_tool_call`, `lg_name`, `lc_error_code`, `lc:child_config`.
    /\bl[cg]_\w+/,
    /\blc:\w+/,
    // A task's scratchpad.
    /\b(?:interrupt|subgraph|call)Counter\b/,
    /\b(?:consumeN|n)ullResume\b/,
    // Errors and their marks.
    /\bpregelTaskId\b/,
    /~brand\b/,
    /\b(?:ToolInvocation|Middleware)Error\b/,
    // Signals and the async context.
    /\bexternalAbortSignal\b/,
    /\b_initializeAbortSignals\b/,
    /\bAsyncLocalStorageProviderSingleton\b/,
  ]
    .map((name) => name.source)
    .join("|"),
  "g",
);

const found = sourceFiles().flatMap((file) => {
  const allowed = exceptions[file] ?? [];
  const lines = readFileSync(path.join(root, source, file), "utf8").split("\n");
  return lines.flatMap((line, index) =>
    [...line.matchAll(names)]
      .filter(([name]) => !allowed.includes(name))
      .map(([name]) => ({ file, line: index + 1, name })),
  );
});

for (const { file, line, name } of found) {
  console.error(
    `${path.join(source, file)}:${line}: \`${name}\` is private to LangGraph or LangChain`,
  );
}
if (found.length > 0) {
  console.error(
    "Such a name may stand in src/langgraph/ only. Move the code that knows it " +
      "into the file there that holds this secret, or into a new one with the " +
      "versions in which it was read, and import a function from there.",
  );
  process.exit(1);
}

/** Relative to src/, with `/`, without those where the names may stand. */
function sourceFiles() {
  return readdirSync(path.join(root, source), { recursive: true })
    .map((file) => file.split(path.sep).join("/"))
    .filter((file) => file.endsWith(".ts"))
    .filter((file) => !rooms.includes(file.split("/")[0]))
    .sort((a, b) => (a < b ? -1 : 1));
}

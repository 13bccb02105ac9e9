// Which room of src/ may import which. Imports run one way, left to right:
//
//   adapters -> siblings, eager, model, code -> batch -> scope, report -> schedule
//            -> plan, limits -> policy, answers -> errors
//
// A room may skip others on its way, within its rule below. The adapters are
// parallel-tool-node.ts, limit-model.ts, with-eager.ts, code/callable-tools.ts, middleware/ and
// references/. Beside this line:
//
// - langgraph/ imports errors/ alone. Adapters, siblings/, eager/, model/, code/ and batch/
//   import it.
// - plan/ and limits/ don't import each other, nor do policy/ and answers/.
// - redis/ -> shared/ -> limits/.
// - opentelemetry/ and diagnose/ -> report/.
import { fileURLToPath } from "node:url";

const tsConfig = fileURLToPath(
  new URL("packages/parallel-tools-node/tsconfig.json", import.meta.url),
);
const src = "^packages/parallel-tools-node/src/";
const room = (...names) => `${src}(?:${names.join("|")})/`;
const langchain = "(?:^|node_modules/)(?:@langchain/|langchain(?:/|$))";

/** A room imports itself and the named rooms, and no other source file. */
function only(name, ...allowed) {
  return {
    name: `${name}-imports-only-${allowed.join("-") || "itself"}`,
    severity: "error",
    from: { path: room(name) },
    to: { path: src, pathNot: room(name, ...allowed) },
  };
}

function never(name, from, to, comment) {
  return {
    name,
    severity: "error",
    comment,
    from: { path: from },
    to: { path: to },
  };
}

/**
 * Within `diagnose/`, a folder imports itself and the named files and folders.
 * Data flows one way: formats -> evidence -> diagnosis -> output -> command.
 */
function onlyInDiagnose(folder, allowed) {
  const paths = [`${folder}/`, ...allowed].map((name) =>
    name.endsWith("/") ? name : `${name}\\.ts$`,
  );
  return {
    name: `diagnose-${folder}-imports-only-what-it-may`,
    severity: "error",
    from: { path: `${src}diagnose/${folder}/` },
    to: {
      path: `${src}diagnose/`,
      pathNot: `${src}diagnose/(?:${paths.join("|")})`,
    },
  };
}

export default {
  forbidden: [
    only("langgraph", "errors"),
    only("answers", "errors"),
    only("policy", "errors"),
    only("limits", "policy", "errors"),
    only("plan", "policy", "answers", "errors"),
    only("references", "policy", "errors"),
    only("schedule", "limits", "policy", "errors"),
    only("scope", "schedule", "limits", "errors"),
    only("report", "schedule", "plan", "limits", "policy", "errors"),
    only(
      "batch",
      "langgraph",
      "scope",
      "report",
      "schedule",
      "plan",
      "limits",
      "policy",
      "answers",
      "errors",
    ),
    only("shared", "limits", "policy", "errors"),
    only("redis", "shared", "limits", "policy", "errors"),
    only(
      "siblings",
      "batch",
      "langgraph",
      "schedule",
      "plan",
      "limits",
      "policy",
      "errors",
    ),
    only(
      "eager",
      "batch",
      "langgraph",
      "scope",
      "report",
      "schedule",
      "plan",
      "limits",
      "policy",
      "errors",
    ),
    only(
      "model",
      "batch",
      "langgraph",
      "scope",
      "schedule",
      "limits",
      "policy",
      "errors",
    ),
    only(
      "code",
      "batch",
      "langgraph",
      "scope",
      "report",
      "schedule",
      "plan",
      "limits",
      "policy",
      "answers",
      "errors",
    ),
    only(
      "middleware",
      "siblings",
      "eager",
      "model",
      "batch",
      "langgraph",
      "references",
      "plan",
      "limits",
      "policy",
      "answers",
      "errors",
    ),
    never(
      "langchain-in-the-middleware-only",
      `${src}(?!middleware)`,
      "(?:^|node_modules/)langchain(?:/|$)",
      "An application without createAgent doesn't need the package.",
    ),
    {
      name: "node-imports-only-rooms-below-it",
      severity: "error",
      from: { path: `${src}parallel-tool-node\\.ts$` },
      to: {
        path: src,
        pathNot: room("siblings", "batch", "langgraph", "policy", "errors"),
      },
    },
    only("opentelemetry", "report", "policy", "errors"),
    only("diagnose", "report", "plan", "policy", "errors"),
    onlyInDiagnose("formats", ["recorded-conversation", "own-field"]),
    onlyInDiagnose("evidence", [
      "recorded-conversation",
      "own-field",
      "diagnose-options",
      "finding",
    ]),
    onlyInDiagnose("output", ["diagnosis", "finding"]),
    onlyInDiagnose("command", [
      "output/",
      "own-field",
      "diagnose-options",
      "diagnose-stream",
      "diagnosis",
    ]),
    {
      name: "diagnose-output-comes-last",
      severity: "error",
      comment: "Code that finds something doesn't know how it is shown.",
      from: { path: `${src}diagnose/[^/]+\\.ts$` },
      to: { path: `${src}diagnose/(?:output|command)/` },
    },
    never(
      "diagnose-shared-files-need-no-folder",
      `${src}diagnose/(?:recorded-conversation|own-field|diagnose-options|diagnosis|finding)\\.ts$`,
      `${src}diagnose/[^/]+/`,
      "The files that all folders of diagnose/ share need none of them.",
    ),
    never(
      "diagnose-finds-without-report",
      `${src}diagnose/(?:formats|evidence)/`,
      room("report"),
      "Only output/ needs report/.",
    ),
    {
      name: "errors-import-nothing",
      severity: "error",
      comment: "An error class needs no other file.",
      from: { path: room("errors") },
      to: { pathNot: room("errors") },
    },
    never(
      "core-knows-no-langchain",
      room("plan", "schedule", "limits", "policy", "answers", "errors"),
      langchain,
      "Only adapters, siblings/, batch/ and langgraph/ know LangChain.",
    ),
    never(
      "report-knows-no-langgraph",
      room("report", "opentelemetry", "shared", "redis", "diagnose"),
      "(?:^|node_modules/)@langchain/langgraph",
      "Only adapters, siblings/, batch/ and langgraph/ know LangGraph.",
    ),
    never(
      "plan-is-pure",
      room("plan"),
      "(?:^|node_modules/)p-limit(?:/|$)|^(?:node:)?(?:timers|perf_hooks|fs|child_process|worker_threads)(?:/|$)",
      "plan/ has no clock, no promise and no limiter.",
    ),
    never(
      "clock-is-handed-in",
      room("schedule", "limits", "shared", "redis"),
      "^(?:node:)?(?:timers|perf_hooks)(?:/|$)",
      "Clocks and timers are handed in. limits/clock.ts uses the globals.",
    ),
    never(
      "redis-client-is-handed-in",
      src,
      "(?:^|node_modules/)ioredis(?:/|$)",
      "The application hands in its own client.",
    ),
    {
      name: "opentelemetry-is-optional",
      severity: "error",
      comment: "All other rooms must load without the package.",
      from: { path: src, pathNot: room("opentelemetry") },
      to: { path: "(?:^|node_modules/)@opentelemetry/" },
    },
    never(
      "nobody-imports-index",
      ".",
      `${src}(?:.*/|)index\\.ts$`,
      "Import the file that holds the name.",
    ),
    never(
      "no-grab-bags",
      ".",
      `${src}(?:.*/|)(?:utils?|helpers?|types|common)(?:/|\\.ts$)`,
      "A file is named after the one thing it exports.",
    ),
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "resolvable",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "declared",
      severity: "error",
      comment: "package.json must name every package that the library loads.",
      from: { path: src },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
    {
      name: "no-dev-dependencies",
      severity: "error",
      comment: "Only commander is bundled. Any other package would be missing.",
      from: { path: src },
      to: {
        dependencyTypes: ["npm-dev"],
        dependencyTypesNot: ["npm-peer", "npm"],
        pathNot: "node_modules/commander/",
      },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: tsConfig },
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "default"],
      mainFields: ["module", "main", "types"],
    },
  },
};

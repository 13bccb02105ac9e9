// Who may import whom. Imports run one way:
// adapters -> batch, schedule, report -> plan, limits -> policy, answers -> errors.
import { fileURLToPath } from "node:url";

const tsConfig = fileURLToPath(
  new URL("packages/parallel-tools-node/tsconfig.json", import.meta.url),
);
const src = "^packages/parallel-tools-node/src/";
const room = (...names) => `${src}(?:${names.join("|")})/`;
const langchain = "(?:^|node_modules/)(?:@langchain/|langchain(?:/|$))";

/** A room imports itself and the rooms named, and no other source file. */
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
 * A folder of `diagnose/` imports itself and the files and folders of
 * `diagnose/` that are named. Data flows one way: formats -> evidence ->
 * diagnosis -> output -> command.
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
    only("schedule", "plan", "limits", "policy", "errors"),
    only("report", "schedule", "plan", "limits", "policy", "errors"),
    only(
      "batch",
      "langgraph",
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
      "middleware",
      "siblings",
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
      "Who has no createAgent need not have it.",
    ),
    only("opentelemetry", "report", "plan", "policy", "errors"),
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
      comment: "What finds something doesn't know how it is shown.",
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
      "Only what is shown needs report/.",
    ),
    {
      name: "errors-import-nothing",
      severity: "error",
      comment: "An error class stands alone.",
      from: { path: room("errors") },
      to: { pathNot: room("errors") },
    },
    never(
      "core-knows-no-langchain",
      room("plan", "schedule", "limits", "policy", "answers", "errors"),
      langchain,
      "Only adapters and batch/ know LangGraph.",
    ),
    never(
      "report-knows-no-langgraph",
      room("report", "opentelemetry", "shared", "redis", "diagnose"),
      "(?:^|node_modules/)@langchain/langgraph",
      "Only adapters and batch/ know LangGraph.",
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
      "A clock and timers are handed in, never reached for.",
    ),
    never(
      "redis-client-is-handed-in",
      src,
      "(?:^|node_modules/)ioredis(?:/|$)",
      "The application has its own, and whoever has none loads none.",
    ),
    {
      name: "opentelemetry-is-optional",
      severity: "error",
      comment: "Whoever doesn't have it must be able to load all the rest.",
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
      comment: "A package that the library loads stands in its package.json.",
      from: { path: src },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
    {
      name: "no-dev-dependencies",
      severity: "error",
      comment:
        "commander is bundled into the command; anything else would be missing.",
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

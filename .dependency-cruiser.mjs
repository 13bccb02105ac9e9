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
    only("redis", "limits", "policy", "errors"),
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
      room("report", "opentelemetry", "redis", "diagnose"),
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
      room("schedule", "limits", "redis"),
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
        "p-limit and commander are bundled; anything else would be missing.",
      from: { path: src },
      to: {
        dependencyTypes: ["npm-dev"],
        dependencyTypesNot: ["npm-peer", "npm"],
        pathNot: "node_modules/(?:p-limit|commander)/",
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

import { context, trace } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { ParallelToolNodeOptions, ToolPolicy } from "parallel-tools-node";
import { openTelemetryTracer } from "parallel-tools-node/opentelemetry";
import pLimit from "p-limit";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AGENT_HOSTS, type AgentHost, GO } from "../support/agent-hosts.js";
import { TOOL_KINDS, type ToolKind, toolThat } from "../support/agent-tool.js";
import { settle } from "../support/fake-clock.js";
import { type Level, nestAgents } from "../support/nested-run.js";
import { SpanRecorder } from "../support/span-recorder.js";

let recorder: SpanRecorder;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
  recorder = new SpanRecorder();
  recorder.register();
});
afterEach(() => {
  recorder.unregister();
  vi.useRealTimers();
});

/** Sends a request, as an instrumented client does: a span with one inside. */
async function request(name: string): Promise<void> {
  await trace.getTracer("http").startActiveSpan(`GET ${name}`, async (span) => {
    await settle();
    recorder.start(`DNS ${name}`).end();
    span.end();
  });
}

/** A tool that sends two requests; each call fails `failures` times before. */
function requesting(kind: ToolKind, name: string, failures = 0) {
  const left = new Map<string, number>();
  return toolThat(kind, name, async (runtime) => {
    const { toolCallId: id = "" } = runtime as { toolCallId?: string };
    await request(id);
    const more = left.get(id) ?? failures;
    left.set(id, more - 1);
    if (more > 0) throw new Error("try again");
    await request(id);
    return "done";
  });
}

/** `"GET 0 a 1 < execute_tool a 0 a 1 < execute_tools < request"` */
function lines(prefix: string): string[] {
  const spans = new Map(
    recorder.spans.map((span) => [span.spanContext().spanId, span]),
  );
  const nameOf = ({ name, attributes }: ReadableSpan) => {
    const id = attributes["gen_ai.tool.call.id"];
    return id === undefined ? name : `${name} ${String(id)}`;
  };
  const pathOf = (span: ReadableSpan): string => {
    const parent = spans.get(span.parentSpanContext?.spanId ?? "");
    const rest = parent === undefined ? "" : ` < ${pathOf(parent)}`;
    return `${nameOf(span)}${rest}`;
  };
  return recorder.spans
    .filter(({ name }) => name.startsWith(prefix))
    .map(pathOf)
    .sort();
}

/** Runs an agent within a span, as a server runs one for a request. */
async function serve(agent: ReturnType<typeof nestAgents>, name: string) {
  const span = recorder.start(name);
  await context.with(trace.setSpan(context.active(), span), () =>
    agent.invoke(GO),
  );
  span.end();
}

async function serveAll(agents: readonly ReturnType<typeof nestAgents>[]) {
  const served = agents.map((agent, i) => serve(agent, `request ${i}`));
  const all = Promise.all(served);
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  all.then(over, over);
  while (!isOver) {
    await vi.advanceTimersByTimeAsync(50);
    await settle();
  }
  await all;
}

const again: ToolPolicy["retry"] = { maxAttempts: 3, initialInterval: 10 };

const WAITS: Record<string, () => ParallelToolNodeOptions> = {
  nothing: () => ({}),
  "a cap of the tool": () => ({ policies: { get: { concurrency: 1 } } }),
  "a cap of the node": () => ({ maxConcurrency: 1 }),
  "an application's p-limit": () => ({
    policies: { get: { concurrency: pLimit(1) } },
  }),
  "a rate limit": () => ({
    policies: { get: { rateLimit: { limit: 1, intervalMs: 100 } } },
  }),
  "calls before it": () => ({ policies: { get: { sequential: true } } }),
};

describe.each(AGENT_HOSTS)(
  "in %s, spans of a tool stay in its call's",
  (host) => {
    const turns = [["get", "get", "get"], ["get"]];

    it.each(
      Object.entries(WAITS).flatMap(([wait, options]) =>
        TOOL_KINDS.map((kind) => ({ wait, options, kind })),
      ),
    )("where calls of a $kind wait for $wait", async ({ options, kind }) => {
      const tracer = openTelemetryTracer();
      const shared = { ...options(), tracer };
      const agents = [0, 1].map(() =>
        nestAgents(
          [{ host, turns, options: shared }],
          [requesting(kind, "get")],
        ),
      );
      await serveAll(agents);
      expect(lines("GET")).toEqual(
        [0, 1]
          .flatMap((i) =>
            [0, 1, 2, 3].flatMap((n) => {
              const id = `0 get ${n}`;
              const path = `GET ${id} < execute_tool get ${id} < execute_tools < request ${i}`;
              return [path, path];
            }),
          )
          .sort(),
      );
      expect(lines("DNS")).toEqual(
        lines("GET").map(
          (path) => `${path.replace("GET", "DNS").split(" <")[0]} < ${path}`,
        ),
      );
    });

    it.each(TOOL_KINDS)(
      "where calls of a %s wait and run again",
      async (kind) => {
        const tracer = openTelemetryTracer();
        const policies = {
          get: { concurrency: 1, idempotent: true, retry: again },
        };
        const agents = [0, 1].map(() =>
          nestAgents(
            [{ host, turns, options: { policies, tracer } }],
            [requesting(kind, "get", 2)],
          ),
        );
        await serveAll(agents);
        expect(lines("GET")).toEqual(
          [0, 1]
            .flatMap((i) =>
              [0, 1, 2, 3].flatMap((n) => {
                const id = `0 get ${n}`;
                const path = `GET ${id} < execute_tool get ${id} < execute_tools < request ${i}`;
                return [path, path, path, path];
              }),
            )
            .sort(),
        );
      },
    );
  },
);

describe.each(AGENT_HOSTS)(
  "in %s, spans of a batch stay in its call's",
  (host) => {
    const options = (more: ParallelToolNodeOptions = {}) => ({
      ...more,
      tracer: openTelemetryTracer(),
    });
    const caps = { maxConcurrency: 1, policies: { ask: { concurrency: 2 } } };

    const inside = { maxConcurrency: 1 };

    /** Three agents in the tools of another; what is around their requests. */
    async function play(inner: AgentHost, between: readonly Level[] = []) {
      const agent = nestAgents(
        [
          { host, turns: [["ask", "ask", "ask"]], options: options(caps) },
          ...between,
          { host: inner, turns: [["get"], ["get"]], options: options(inside) },
        ],
        [requesting("function", "get")],
      );
      await serveAll([agent]);
      return [...new Set(lines("execute_tool get"))];
    }

    const around = (...turns: string[]) =>
      [0, 1, 2].flatMap((i) =>
        turns.map(
          (turn) =>
            `execute_tool get ${turn} < execute_tools < execute_tool ask 0 ask ${i} < execute_tools < request 0`,
        ),
      );

    it.each(AGENT_HOSTS)("with %s inside of it", async (inner) => {
      const found = await play(inner);
      expect(found).toEqual(around("1 get 0", "1 get 1").toSorted());
    });

    it("with an agent in between that has nothing of ours", async () => {
      const stock: Level = { host, turns: [["ask"]], options: "stock" };
      const found = await play(host, [stock]);
      expect(found).toEqual(around("2 get 0", "2 get 1").toSorted());
    });

    it("also where the process has no async context for spans", async () => {
      context.disable();
      const found = await play(host);
      expect(found).toEqual(
        around("1 get 0", "1 get 1")
          .map((path) => path.replace(" < request 0", ""))
          .toSorted(),
      );
    });
  },
);

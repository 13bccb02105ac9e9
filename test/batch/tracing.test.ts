import { context, SpanStatusCode, trace } from "@opentelemetry/api";
import { tool } from "@langchain/core/tools";
import {
  Command,
  GraphInterrupt,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { ToolNode as StockNode } from "@langchain/langgraph/prebuilt";
import { type BatchTracer, ParallelToolNode } from "parallel-tools-node";
import {
  type OpenTelemetryTracerOptions,
  openTelemetryTracer,
} from "parallel-tools-node/opentelemetry";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { ask, callOf } from "../support/messages.js";
import { settle } from "../support/fake-clock.js";
import { eventsOf, SpanRecorder } from "../support/span-recorder.js";
import { Stage } from "../support/stage.js";

let recorder: SpanRecorder;

beforeEach(() => {
  recorder = new SpanRecorder();
  recorder.register();
});
afterEach(() => {
  recorder.unregister();
});

/** A tool that makes a span of its own, after some asynchronous work. */
function spanningTool(name: string) {
  return tool(
    async () => {
      await settle();
      recorder.start(`inside ${name}`).end();
      return `${name} done`;
    },
    { name, description: "Makes a span.", schema: z.looseObject({}) },
  );
}

function parentsOf(prefix: string): string[] {
  return recorder.spans
    .filter(({ name }) => name.startsWith(prefix))
    .map((span) => {
      const parent = recorder.spans.find(
        (other) =>
          other.spanContext().spanId === span.parentSpanContext?.spanId,
      );
      return `${span.name} of ${parent?.name}`;
    })
    .sort();
}

const messages = (...names: string[]) => [
  ask(...names.map((name) => callOf(`call ${name}`, name))),
];

describe("a node with a tracer", () => {
  it("keeps the spans of tools in those of their calls, in a graph within an agent's span", async () => {
    const tools = ["a", "b", "c"].map(spanningTool);
    const node = new ParallelToolNode(tools, {
      tracer: openTelemetryTracer(),
      policies: { c: { after: ["a"] } },
      maxConcurrency: 2,
    });
    const graph = new StateGraph(MessagesAnnotation)
      .addNode("tools", node)
      .addEdge(START, "tools")
      .compile();
    const agent = recorder.start("agent");
    await context.with(trace.setSpan(context.active(), agent), () =>
      graph.invoke({ messages: messages("a", "b", "c") }),
    );
    agent.end();
    expect(parentsOf("")).toEqual([
      "agent of undefined",
      "execute_tool a of execute_tools",
      "execute_tool b of execute_tools",
      "execute_tool c of execute_tools",
      "execute_tools of agent",
      "inside a of execute_tool a",
      "inside b of execute_tool b",
      "inside c of execute_tool c",
    ]);
  });

  it("keeps batches apart that wait for each other's slots", async () => {
    const node = new ParallelToolNode(["a", "b"].map(spanningTool), {
      tracer: openTelemetryTracer(),
      maxConcurrency: 1,
    });
    await Promise.all(
      ["one", "two"].map((name) => {
        const span = recorder.start(name);
        span.end();
        return context.with(trace.setSpan(context.active(), span), () =>
          node.invoke(messages("a", "b")),
        );
      }),
    );
    const ids = (name: string) =>
      recorder.spans.filter((span) => span.name === name);
    expect(parentsOf("execute_tools")).toEqual([
      "execute_tools of one",
      "execute_tools of two",
    ]);
    for (const inside of [...ids("inside a"), ...ids("inside b")]) {
      const batch = recorder.spans.find(
        (span) =>
          span.name.startsWith("execute_tool ") &&
          span.spanContext().spanId === inside.parentSpanContext?.spanId,
      );
      expect(batch?.spanContext().traceId).toBe(inside.spanContext().traceId);
    }
    const traces = new Set(
      recorder.spans.map((span) => span.spanContext().traceId),
    );
    expect(traces.size).toBe(2);
  });

  it("tells the class of what a tool threw, though the model gets a message", async () => {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("t"), {
      tracer: openTelemetryTracer(),
    });
    await stage.fail("call t", new RangeError("secret"));
    await node.invoke(messages("t"));
    const span = recorder.span("execute_tool t");
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(span.attributes["error.type"]).toBe("RangeError");
    expect(JSON.stringify(span.attributes)).not.toContain("secret");
  });

  it("tells of an unknown tool, of an error that is thrown, and of interrupts", async () => {
    const options = { tracer: openTelemetryTracer() };
    await new ParallelToolNode([], options).invoke(messages("nobody"));
    expect(recorder.span("execute_tool nobody").attributes["error.type"]).toBe(
      "Error",
    );

    const stage = new Stage();
    const strict = new ParallelToolNode(stage.tools("t", "u"), {
      ...options,
      handleToolErrors: false,
    });
    await stage.fail("call t", new TypeError("no"));
    await stage.fail("call u", new GraphInterrupt([{ value: "sure?" }]));
    await expect(strict.invoke(messages("t"))).rejects.toThrow("no");
    expect(recorder.span("execute_tool t").attributes["error.type"]).toBe(
      "TypeError",
    );
    await expect(strict.invoke(messages("u"))).rejects.toBeInstanceOf(
      GraphInterrupt,
    );
    const { status, attributes } = recorder.span("execute_tool u");
    expect(status.code).toBe(SpanStatusCode.UNSET);
    expect(attributes["parallel_tools.call.outcome"]).toBe("interrupted");
  });

  it("records what a tool saw and answered, where that is asked for", async () => {
    const find = tool(() => ({ id: 17 }), {
      name: "find",
      schema: z.looseObject({}),
    });
    const get = tool(
      ({ id }) => new Command({ update: { messages: [], id } }),
      { name: "get", schema: z.object({ id: z.number() }) },
    );
    const run = async (options: OpenTelemetryTracerOptions) => {
      const node = new ParallelToolNode([find, get], {
        references: true,
        tracer: openTelemetryTracer(options),
      });
      const calls = [
        callOf("1", "find", { name: "x" }),
        callOf("2", "get", { id: "$1.id" }),
      ];
      await node.invoke([ask(...calls)]);
      return recorder.spans
        .splice(0)
        .filter(({ name }) => name !== "execute_tools")
        .map(({ attributes }) => [
          attributes["gen_ai.tool.call.arguments"],
          attributes["gen_ai.tool.call.result"],
        ]);
    };
    const nothing = [undefined, undefined];
    expect(await run({})).toEqual([nothing, nothing]);
    const all = { recordArguments: true, recordResults: true };
    expect((await run(all)).slice(-2)).toEqual([
      ['{"name":"x"}', '{"id":17}'],
      ['{"id":17}', undefined],
    ]);
  });

  it("tells what calls waited for, and reports all the same", async () => {
    const stage = new Stage();
    const onReport = vi.fn<(report: unknown) => void>();
    const node = new ParallelToolNode(stage.tools("t"), {
      tracer: openTelemetryTracer(),
      maxConcurrency: 1,
      onReport,
    });
    await stage.finish("a");
    await stage.finish("b");
    await node.invoke([ask(callOf("a", "t"), callOf("b", "t"))]);
    expect(onReport).toHaveBeenCalledTimes(1);
    expect(eventsOf(recorder.span("execute_tools"))).toMatchObject([
      {
        "parallel_tools.wait.for": "concurrency",
        "parallel_tools.wait.limit": "node",
        "gen_ai.tool.call.id": "b",
      },
    ]);
  });

  it("starts calls of a subclass that throws at once, as without one", async () => {
    class Broken extends ParallelToolNode {
      protected override runTool(): never {
        throw new Error("at once");
      }
    }
    const node = new Broken([], {
      tracer: openTelemetryTracer(),
      handleToolErrors: false,
    });
    await expect(node.invoke(messages("t"))).rejects.toThrow("at once");
    expect(recorder.lines()).toHaveLength(2);
  });
});

describe("answers", () => {
  const fail = () => {
    throw new Error("no");
  };
  const broken: BatchTracer = {
    begin: () => ({ runCall: fail, endCall: fail, end: fail }),
  };

  it("are the same whatever a tracer does", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const tools = ["a", "b"].map(spanningTool);
    const stock = await new StockNode(tools).invoke(messages("a", "b"));
    for (const tracer of [broken, { begin: fail }, openTelemetryTracer()]) {
      const node = new ParallelToolNode(tools, { tracer });
      const answers = await node.invoke(messages("a", "b"));
      expect(answers).toEqual(stock);
    }
    expect(warn).toHaveBeenCalled();
    warn.mockRestore();
  });
});

import {
  context,
  createContextKey,
  isSpanContextValid,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import {
  AlwaysOffSampler,
  ParentBasedSampler,
} from "@opentelemetry/sdk-trace-base";
import { openTelemetryTracer } from "parallel-tools-node/opentelemetry";
import { planBatch } from "parallel-tools-node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createLimits } from "@/limits/create-limits.js";
import { FakeClock } from "../support/fake-clock.js";
import { recordBatch, type Step } from "../support/record-batch.js";
import { eventsOf, SpanRecorder } from "../support/span-recorder.js";

let recorder: SpanRecorder;

beforeEach(() => {
  recorder = new SpanRecorder();
  recorder.register();
});
afterEach(() => {
  recorder.unregister();
});

function run(
  steps: readonly Step[],
  clock = new FakeClock(),
  options: Parameters<typeof openTelemetryTracer>[0] = {},
  onStart?: (position: number) => void,
) {
  return recordBatch(steps, clock, {
    tracer: openTelemetryTracer(options),
    ...(onStart && { onStart }),
  });
}

describe("spans", () => {
  it("are one for the batch, and one for each call from its start to its end", async () => {
    const report = await run([
      { name: "a", ms: 10 },
      { name: "b", ms: 30, dependsOn: [0] },
      { name: "c", ms: 20 },
    ]);
    expect(recorder.lines()).toEqual([
      "execute_tools 0-40 of -",
      "execute_tool a 0-10 of execute_tools",
      "execute_tool c 0-20 of execute_tools",
      "execute_tool b 10-40 of execute_tools",
    ]);
    const { startTime } = recorder.span("execute_tools");
    expect(startTime[0] * 1_000).toBe(report.beganAt);
  });

  it("follow the conventions for the execution of tools", async () => {
    await run([{ name: "search", ms: 10 }]);
    const span = recorder.span("execute_tool search");
    expect(span.kind).toBe(SpanKind.INTERNAL);
    expect(span.status).toEqual({ code: SpanStatusCode.UNSET });
    expect(span.attributes).toEqual({
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "search",
      "gen_ai.tool.type": "function",
      "gen_ai.tool.call.id": "id0",
      "parallel_tools.call.ordinal": 1,
      "parallel_tools.call.outcome": "ok",
      "parallel_tools.call.attempts": 1,
    });
    expect(span.instrumentationScope.name).toBe("parallel-tools-node");
  });

  it("tell of a batch what its report tells", async () => {
    const clock = new FakeClock();
    const limits = createLimits("tool t", { concurrency: 1 }, clock);
    await run(
      [
        { name: "t", ms: 10, limits },
        { name: "t", ms: 20, limits, fails: true },
        { name: "u", ms: 5, dependsOn: [1] },
      ],
      clock,
    );
    expect(recorder.span("execute_tools").attributes).toEqual({
      "parallel_tools.batch.calls": 3,
      "parallel_tools.batch.shape": "mixed",
      "parallel_tools.batch.depth": 2,
      "parallel_tools.batch.sum_ms": 30,
      "parallel_tools.batch.longest_path_ms": 20,
      "parallel_tools.batch.lower_bound_ms": 30,
      "parallel_tools.batch.lower_bound_ratio": 1,
      "parallel_tools.batch.ok": 1,
      "parallel_tools.batch.error": 1,
      "parallel_tools.batch.skipped": 1,
      "parallel_tools.batch.waited_ms.concurrency": 20,
      "parallel_tools.batch.waited_ms.dependency": 20,
    });
  });

  it("tell what a call waited for: by the batch's events before it started, by its own after", async () => {
    const clock = new FakeClock();
    const limits = createLimits("tool t", { concurrency: 1 }, clock);
    await run(
      [
        { name: "s", ms: 40, limits },
        { name: "t", ms: [10, 5], restMs: 20, limits },
      ],
      clock,
    );
    expect(eventsOf(recorder.span("execute_tools"))).toEqual([
      {
        name: "parallel_tools.wait",
        ms: 0,
        "parallel_tools.wait.for": "concurrency",
        "parallel_tools.wait.limit": "tool t",
        "parallel_tools.wait.duration_ms": 40,
        "gen_ai.tool.name": "t",
        "gen_ai.tool.call.id": "id1",
        "parallel_tools.call.ordinal": 2,
      },
    ]);
    const span = recorder.span("execute_tool t");
    expect(eventsOf(span)).toEqual([
      {
        name: "parallel_tools.wait",
        ms: 10,
        "parallel_tools.wait.for": "retry",
        "parallel_tools.wait.limit": "tool t",
        "parallel_tools.wait.duration_ms": 20,
      },
    ]);
    expect(span.attributes).toMatchObject({
      "parallel_tools.call.attempts": 2,
      "parallel_tools.call.waited_ms.concurrency": 40,
      "parallel_tools.call.waited_ms.retry": 20,
    });
    expect(recorder.lines()[2]).toBe("execute_tool t 40-75 of execute_tools");
  });

  it("are none for calls that were not run, of which the batch tells", async () => {
    await run([
      { name: "a", ms: 10, fails: true },
      { name: "b", ms: 10, dependsOn: [0] },
    ]);
    expect(recorder.spans.map(({ name }) => name)).toEqual([
      "execute_tool a",
      "execute_tools",
    ]);
    expect(eventsOf(recorder.span("execute_tools")).at(-1)).toMatchObject({
      name: "parallel_tools.not_run",
      ms: 10,
      "gen_ai.tool.name": "b",
      "gen_ai.tool.call.id": "id1",
      "parallel_tools.call.outcome": "skipped",
    });
  });

  it("link to those of the calls that a call depended on", async () => {
    await run([
      { name: "a", ms: 10 },
      { name: "b", ms: 20 },
      { name: "c", ms: 5, dependsOn: [0, 1] },
    ]);
    const { links, attributes } = recorder.span("execute_tool c");
    expect(links.map((link) => link.context.spanId)).toEqual(
      ["a", "b"].map(
        (name) => recorder.span(`execute_tool ${name}`).spanContext().spanId,
      ),
    );
    expect(attributes["parallel_tools.call.depends_on"]).toEqual([1, 2]);
  });

  it("are children of the span in which the node runs", async () => {
    const outer = recorder.start("agent");
    await context.with(trace.setSpan(context.active(), outer), () =>
      run([{ name: "a", ms: 10 }]),
    );
    outer.end();
    expect(recorder.span("execute_tools").parentSpanContext?.spanId).toBe(
      outer.spanContext().spanId,
    );
  });

  it("come from the provider that is given", async () => {
    const own = new SpanRecorder();
    await run([{ name: "a", ms: 1 }], new FakeClock(), {
      tracerProvider: own.provider,
    });
    expect(own.lines()).toHaveLength(2);
    expect(recorder.spans).toEqual([]);
  });
});

describe("an error", () => {
  it("has its class and no message", async () => {
    await run([{ name: "a", ms: 10, fails: true }]);
    const { status, attributes } = recorder.span("execute_tool a");
    expect(status).toEqual({ code: SpanStatusCode.ERROR });
    expect(attributes).toMatchObject({
      "error.type": "RangeError",
      "parallel_tools.call.outcome": "error",
    });
  });

  it("has its message where results are recorded", async () => {
    await run([{ name: "a", ms: 10, fails: true }], new FakeClock(), {
      recordResults: true,
    });
    const { status, attributes } = recorder.span("execute_tool a");
    expect(status).toEqual({
      code: SpanStatusCode.ERROR,
      message: "it broke",
    });
    expect(attributes).not.toHaveProperty("gen_ai.tool.call.result");
  });
});

describe("arguments and results", () => {
  const steps = [{ name: "a", ms: 10, args: { q: "x".repeat(20_000), n: 1n } }];

  it("are left out", async () => {
    await run(steps);
    const { attributes } = recorder.span("execute_tool a");
    expect(JSON.stringify(attributes)).not.toMatch(/xxx|result/);
  });

  it("are there as JSON where they are asked for, shortened", async () => {
    await run(steps, new FakeClock(), {
      recordArguments: true,
      recordResults: true,
    });
    const { attributes } = recorder.span("execute_tool a");
    const args = String(attributes["gen_ai.tool.call.arguments"]);
    expect(args).toMatch(/^\{"q":"xxx/);
    expect(args).toHaveLength(10_000);
    expect(attributes["gen_ai.tool.call.result"]).toBe('{"status":"ok"}');
  });
});

describe("the context of a call", () => {
  it("is that of its span, also when another call's end has started it", async () => {
    await run(
      [
        { name: "a", ms: 10 },
        { name: "b", ms: 10, dependsOn: [0] },
        { name: "c", ms: [3, 3] },
      ],
      new FakeClock(),
      {},
      (position) => {
        const span = recorder.start(`inside ${"abc"[position]}`);
        void Promise.resolve().then(() => {
          recorder.start(`later ${"abc"[position]}`).end();
          span.end();
        });
      },
    );
    const parents = recorder.spans
      .filter(({ name }) => !name.startsWith("execute"))
      .map(({ name, parentSpanContext }) => {
        const parent = recorder.spans.find(
          (span) => span.spanContext().spanId === parentSpanContext?.spanId,
        );
        return `${name} of ${parent?.name}`;
      });
    expect(parents.sort()).toEqual([
      "inside a of execute_tool a",
      "inside b of execute_tool b",
      "inside c of execute_tool c",
      "inside c of execute_tool c",
      "later a of execute_tool a",
      "later b of execute_tool b",
      "later c of execute_tool c",
      "later c of execute_tool c",
    ]);
  });

  it("is not sampled where the batch is not", async () => {
    recorder.unregister();
    recorder = new SpanRecorder(
      new ParentBasedSampler({ root: new AlwaysOffSampler() }),
    );
    recorder.register();
    const seen: boolean[] = [];
    await run([{ name: "a", ms: 1 }], new FakeClock(), {}, () => {
      const span = recorder.start("inside");
      seen.push(span.isRecording());
      span.end();
    });
    expect(seen).toEqual([false]);
    expect(recorder.spans).toEqual([]);
  });
});

describe("a batch is not followed", () => {
  const plan = planBatch([{ name: "a", args: {} }]);
  const begin = () =>
    openTelemetryTracer().begin({ batchId: "b1", plan, beganAt: 0 });

  it("where nobody has registered a provider, whatever span is around it", () => {
    recorder.unregister();
    expect(begin()).toBeUndefined();
    recorder.register();
    const outer = recorder.start("agent");
    trace.disable();
    context.with(trace.setSpan(context.active(), outer), () => {
      expect(isSpanContextValid(outer.spanContext())).toBe(true);
      expect(begin()).toBeUndefined();
    });
  });

  it("where tracing is suppressed", () => {
    const key = createContextKey(
      "OpenTelemetry SDK Context Key SUPPRESS_TRACING",
    );
    context.with(context.active().setValue(key, true), () => {
      expect(begin()).toBeUndefined();
    });
    expect(begin()).toBeDefined();
  });
});

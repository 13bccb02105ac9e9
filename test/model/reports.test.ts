import { HumanMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import {
  type BatchReport,
  limitModel,
  ParallelToolNode,
  type ParallelToolNodeOptions,
} from "parallel-tools-node";
import {
  formatReport,
  reportToHtml,
  reportToTrace,
} from "parallel-tools-node/report";
import { openTelemetryTracer } from "parallel-tools-node/opentelemetry";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { ask, callOf } from "../support/messages.js";
import { SpanRecorder } from "../support/span-recorder.js";
import { thrownBy } from "../support/thrown-by.js";
import { FakeModel, Refusal } from "./support/fake-model.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Made anew: the same object would be the same limits. */
const oneAtATime = () => ({ api: { concurrency: 1 } });

/** A node that keeps its reports, and a limited model. */
function reporting({
  model = new FakeModel(),
  ...options
}: ParallelToolNodeOptions & {
  readonly model?: FakeModel;
} = {}) {
  const reports: BatchReport[] = [];
  const node = new ParallelToolNode([], {
    resources: oneAtATime(),
    onReport: (report) => reports.push(report),
    ...options,
  });
  return { reports, model: limitModel(model, node), node };
}

describe("reports of requests to a model", () => {
  it("tell what a request waited for", async () => {
    const { reports, model } = reporting();
    const asked = Promise.all([model.invoke("a"), model.invoke("b")]);
    await vi.runAllTimersAsync();
    await asked;
    expect(reports).toMatchObject([
      { kind: "model", durationMs: 10, calls: [{ waits: [] }] },
      {
        kind: "model",
        shape: "single",
        durationMs: 20,
        waitedMs: { concurrency: 10 },
        calls: [
          {
            name: "model",
            outcome: "ok",
            waits: [{ for: "concurrency", limit: "resource api", ms: 10 }],
            runs: [{ startMs: 10, endMs: 20 }],
          },
        ],
      },
    ]);
    expect(reports.every((report) => !("args" in report.calls[0]!))).toBe(true);
  });

  it("have no prompts, whatever the node reports of arguments", async () => {
    const { reports, model } = reporting({ reportArguments: true });
    const asked = model.invoke("secret");
    await vi.runAllTimersAsync();
    await asked;
    expect(JSON.stringify(reports)).not.toContain("secret");
  });

  it("tell of refusals, and of what ended badly", async () => {
    const broken = Object.assign(new Error("broken"), { status: 400 });
    const model = new FakeModel([], 10, [new Refusal(1), "ok", broken]);
    const told = reporting({ model });
    const asked = told.model.invoke("a");
    await vi.runAllTimersAsync();
    await asked;
    const failed = thrownBy(told.model.invoke("b"));
    await vi.runAllTimersAsync();
    expect(await failed).toBe(broken);
    expect(told.reports).toMatchObject([
      { waitedMs: { feedback: 1_000 }, calls: [{ attempts: 2 }] },
      { calls: [{ outcome: "error", attempts: 1 }] },
    ]);
  });

  it("are told of streams when the last piece is there", async () => {
    const { reports, model } = reporting();
    const pieces: string[] = [];
    const read = (async () => {
      for await (const piece of await model.stream("a")) {
        pieces.push(`${piece.text} ${reports.length}`);
      }
    })();
    await vi.runAllTimersAsync();
    await read;
    expect(pieces.slice(0, 2)).toEqual(["one  0", "two 0"]);
    expect(reports).toMatchObject([{ kind: "model", durationMs: 10 }]);
  });

  it("stand below the call inside which the model was asked", async () => {
    const reports: BatchReport[] = [];
    const fake = new FakeModel();
    const declares = new ParallelToolNode([], {
      resources: oneAtATime(),
      onReport: (report) => reports.push(report),
    });
    const model = limitModel(fake, declares);
    const subagent = tool(async () => (await model.invoke("a")).text, {
      name: "subagent",
      schema: z.object({}),
    });
    const node = new ParallelToolNode([subagent], {
      maxConcurrency: 5,
      onReport: (report) => reports.push(report),
    });
    const message = ask(callOf("1", "subagent"), callOf("2", "subagent"));
    const ran = node.invoke({ messages: [new HumanMessage("go"), message] });
    await vi.runAllTimersAsync();
    await ran;
    const text = formatReport(reports, { width: 100, color: false });
    expect(text).toMatchInlineSnapshot(`
      "2 calls in 20 ms; one at a time, calls that run as long take 30 ms, 1.50 times as long.
      No schedule of calls that run as long could take less than 20 ms, by the longest path: this one took
      just that.
      Inside of its calls ran 2 requests to a model.

                   0            5 ms          10 ms        15 ms
        1 subagent ███████████████████████████                            10 ms
          1 model  ███████████████████████████                            10 ms
      * 2 subagent ██████████████████████████████████████████████████████ 20 ms
      *   1 model  ---------------------------███████████████████████████ 10 ms, cap of resource api 10 ms

      ██ running   -- cap   * critical path"
    `);
    const html = reportToHtml(reports);
    expect(html).toContain("1 batch, 2 calls and 2 requests to a model");
    expect(html).toContain("1 request to a model");
    const trace = reportToTrace(reports);
    expect(JSON.stringify(trace)).toContain('"name":"model"');
  });

  it("have spans of their own, which are no calls of tools", async () => {
    const recorder = new SpanRecorder();
    recorder.register();
    try {
      const { model } = reporting({ tracer: openTelemetryTracer() });
      const asked = Promise.all([model.invoke("a"), model.invoke("b")]);
      await vi.runAllTimersAsync();
      await asked;
      expect(recorder.lines()).toEqual([
        "request_model 0-10 of -",
        "request_model 0-20 of -",
        "request_model model 0-10 of request_model",
        "request_model model 10-20 of request_model",
      ]);
      const ofModel = recorder.spans.filter(({ name }) =>
        name.endsWith(" model"),
      );
      expect(ofModel[0]?.attributes).toEqual({
        "gen_ai.request.model": "model",
        "parallel_tools.call.outcome": "ok",
        "parallel_tools.call.attempts": 1,
      });
    } finally {
      recorder.unregister();
    }
  });

  it("say in words what one request did", async () => {
    const { reports, model } = reporting();
    const asked = Promise.all([model.invoke("a"), model.invoke("b")]);
    await vi.runAllTimersAsync();
    await asked;
    const text = formatReport(reports[1]!, { width: 80, color: false });
    expect(text.split("\n").slice(0, 4)).toMatchInlineSnapshot(`
      [
        "1 request to a model in 20 ms, of which it ran for 10 ms.",
        "No schedule could take less than 10 ms, by the longest path: this one took 2.0",
        "times that.",
        "It waited for: cap 10 ms.",
      ]
    `);
    expect(reportToHtml(reports[1]!)).toContain("<h3>Request</h3>");
  });
});

import { tool } from "@langchain/core/tools";
import type { ToolCall } from "@langchain/core/messages/tool";
import {
  type BatchReport,
  type BatchTracer,
  ParallelToolNode,
  read,
  type ToolPolicy,
  write,
} from "parallel-tools-node";
import { openTelemetryTracer } from "parallel-tools-node/opentelemetry";
import {
  formatReport,
  reportToHtml,
  reportToTrace,
} from "parallel-tools-node/report";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import type { BatchOptions } from "@/batch/batch-options.js";
import { ScriptedAgent } from "../middleware/support/scripted-agent.js";
import { ask, callOf } from "../support/messages.js";
import { SpanRecorder } from "../support/span-recorder.js";

/** Stands in the arguments of the calls, and nowhere in the policies. */
const SECRET = "sk_live_4711";
/** A key of a policy. */
const CONSTANT = "the ledger";

type Host = "node" | "v1" | "v2";

let spans: SpanRecorder;

beforeEach(() => {
  spans = new SpanRecorder();
  spans.register();
});
afterEach(() => {
  spans.unregister();
});

const NAMES = ["save", "book", "look", "fail", "use"];

const tools = NAMES.map((name) =>
  tool(
    ({ of }) => {
      if (name === "fail") throw new Error(`no ${of}`);
      return `${name} ${of}`;
    },
    { name, description: name, schema: z.object({ of: z.string() }) },
  ),
);

const keyOf: ToolPolicy["access"] = ({ of }) => [
  write(`customer:${String(of)}`),
];

const policies: Record<string, ToolPolicy> = {
  save: { access: keyOf },
  fail: { access: keyOf, retry: false },
  book: { access: [write(CONSTANT)] },
  look: { access: [read(`customer:${SECRET}`)] },
  use: {
    access: ({ of }) => {
      throw new Error(`can't read ${String(of)}`);
    },
  },
};

const calls = [
  callOf("1", "save", { of: SECRET }),
  callOf("2", "save", { of: SECRET }),
  callOf("3", "fail", { of: SECRET }),
  callOf("4", "look", { of: "anything" }),
  callOf("5", "book", { of: SECRET }),
  callOf("6", "book", { of: SECRET }),
  callOf("7", "use", { of: SECRET }),
  callOf("8", "save", { of: "$1" }),
];

/** What a tracer is told of plans and dependencies. It gets arguments and errors anyway. */
function tellingTracer(seen: unknown[]): BatchTracer {
  const inner = openTelemetryTracer();
  return {
    begin(batch) {
      const { shape, depth, calls: planned } = batch.plan;
      seen.push(shape, depth);
      seen.push(planned.map((call) => ({ ...call, problem: undefined })));
      const trace = inner.begin(batch);
      return {
        runCall(call, run) {
          seen.push(call.dependsOn);
          trace?.runCall(call, run);
        },
        endCall(report, end) {
          seen.push(report);
          trace?.endCall(report, end);
        },
        end(report) {
          trace?.end(report);
        },
      };
    },
  };
}

async function progressOf(
  host: Host,
  options: BatchOptions,
): Promise<unknown[]> {
  if (host === "node") {
    const events: unknown[] = [];
    const writer = (event: unknown) => events.push(event);
    const node = new ParallelToolNode(tools, options);
    await node.invoke([ask(...calls)], { writer } as object);
    return events;
  }
  const turns: ToolCall[][] = [calls];
  const agent = new ScriptedAgent(tools, turns, { version: host, options });
  return agent.stream("custom");
}

/** All that can be seen of a batch of these calls from outside, as texts. */
async function outputsOf(host: Host, more: BatchOptions) {
  const reports: BatchReport[] = [];
  const traced: unknown[] = [];
  const progress = await progressOf(host, {
    policies,
    references: true,
    streamProgress: true,
    onReport: (report) => reports.push(report),
    tracer: tellingTracer(traced),
    ...more,
  });
  expect(reports).toHaveLength(1);
  const [report] = reports as [BatchReport];
  const outputs = {
    report: JSON.stringify(report),
    text: formatReport(report, { width: 400, color: false }),
    html: reportToHtml(report),
    trace: JSON.stringify(reportToTrace(report)),
    progress: JSON.stringify(progress),
    traced: JSON.stringify(traced),
    spans: JSON.stringify(
      spans.spans.map(({ name, attributes, events, status, links }) => [
        name,
        attributes,
        events,
        status,
        links.map(({ attributes: own }) => own),
      ]),
    ),
  };
  return { report, outputs };
}

const isIn = (text: string, outputs: Readonly<Record<string, string>>) =>
  Object.keys(outputs).filter((name) => outputs[name]?.includes(text));

describe.each<Host>(["node", "v1", "v2"])("in %s,", (host) => {
  test("what is made of arguments is in no output", async () => {
    const { outputs } = await outputsOf(host, {});
    expect(isIn(SECRET, outputs)).toEqual([]);
    // The outputs are not just empty.
    expect(isIn("save", outputs)).toEqual(Object.keys(outputs));
  });

  test("a call tells for what it waits, and a key only if no function made it", async () => {
    const { report } = await outputsOf(host, {});
    expect(report.calls.map(({ dependsOn }) => dependsOn)).toEqual([
      [],
      [{ index: 0, reason: "conflict", detail: "shared state" }],
      [{ index: 1, reason: "conflict", detail: "shared state" }],
      [{ index: 2, reason: "conflict", detail: "shared state" }],
      [],
      [{ index: 4, reason: "conflict", detail: CONSTANT }],
      [],
      [
        { index: 0, reason: "reference", detail: "$1" },
        ...[1, 2, 3, 4, 5].map((index) => ({
          index,
          reason: "conflict",
          detail: "any key: it depends on a reference",
        })),
      ],
    ]);
  });

  test("the page names what two calls share", async () => {
    const { outputs } = await outputsOf(host, {});
    expect(outputs.html).toMatch(/: conflict <bdi>shared state<\/bdi>/);
    expect(outputs.html).toMatch(/: conflict <bdi>the ledger<\/bdi>/);
  });

  test("with `reportArguments`, keys are where arguments are", async () => {
    const { report, outputs } = await outputsOf(host, {
      reportArguments: true,
    });
    expect(report.calls[1]?.dependsOn).toEqual([
      { index: 0, reason: "conflict", detail: `customer:${SECRET}` },
    ]);
    // Spans have an option of their own: `recordArguments`.
    expect(isIn(SECRET, outputs)).toEqual(
      Object.keys(outputs).filter((name) => name !== "spans"),
    );
    const key = `customer:${SECRET}`;
    expect(isIn(key, outputs)).toEqual([
      "report",
      "html",
      "progress",
      "traced",
    ]);
  });
});

import { openTelemetryTracer } from "parallel-tools-node/opentelemetry";
import { afterEach, beforeEach, expect, test } from "vitest";
import { timedTool } from "../eager/support/timed-tools.js";
import { useFakeTimers } from "../eager/support/use-fake-timers.js";
import { SpanRecorder } from "../support/span-recorder.js";
import { CODE_HOSTS, CodeAgent } from "./support/code-agent.js";
import { all, play, READ_ONLY } from "./support/play-code.js";

useFakeTimers();
let recorder: SpanRecorder;

beforeEach(() => {
  recorder = new SpanRecorder();
  recorder.register();
});

afterEach(() => recorder.unregister());

test.each(CODE_HOSTS)("the spans of calls from code: %s", async (host) => {
  const agent = new CodeAgent({
    host,
    codes: [all("look", "a", "b")],
    tools: [
      timedTool(
        "look",
        () => {},
        10,
        () => recorder.start("own").end(),
      ),
    ],
    options: {
      policies: { look: { ...READ_ONLY, concurrency: 1 } },
      tracer: openTelemetryTracer({ recordArguments: true }),
    },
  });
  await play(agent.answers());
  const parents = recorder
    .lines()
    .map((line) => line.replace(/ [\d.]+-[\d.]+/, ""));
  expect(parents.toSorted()).toEqual([
    "execute_tool look of execute_tools",
    "execute_tool look of execute_tools",
    "execute_tool run of execute_tools",
    "execute_tools of -",
    "execute_tools of execute_tool run",
    "own of execute_tool look",
    "own of execute_tool look",
  ]);
  const look = recorder.spans.find(({ name }) => name.endsWith("look"))!;
  expect(look.attributes).toMatchObject({
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.tool.name": "look",
    "gen_ai.tool.call.arguments": '{"text":"a"}',
    "parallel_tools.call.outcome": "ok",
  });
});

import { createDeepAgent } from "deepagents";
import type { ParallelToolNodeOptions } from "parallel-tools-node";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { expect, it, vi } from "vitest";
import { GO, type HostedAgent, readRun } from "../support/agent-hosts.js";
import { playTime } from "../support/attempted-node.js";
import { releaseSearches, untilStill } from "../support/kid-agent.js";
import { LoggedModel } from "../support/logged-model.js";
import { callOf } from "../support/messages.js";
import { Stage } from "../support/stage.js";

playTime();

/** A deep agent whose subagent searches, and another that fails when told to. */
function startDeepAgent(
  options: ParallelToolNodeOptions,
  config: { signal?: AbortSignal } = {},
) {
  const stage = new Stage();
  const search = stage.tool("search");
  const turns = [
    [callOf("k1", "search"), callOf("k2", "search")],
    [callOf("k3", "search")],
  ];
  const task = { description: "Search.", subagent_type: "kid" };
  const agent = createDeepAgent({
    model: new LoggedModel(
      "parent",
      [[callOf("p", "task", task), callOf("o", "other")]],
      stage.log,
    ),
    tools: [stage.tool("other")],
    subagents: [
      {
        name: "kid",
        description: "Searches.",
        systemPrompt: "Search.",
        model: new LoggedModel("kid", turns, stage.log),
        tools: [search],
      },
    ],
    middleware: [parallelToolsMiddleware(options)],
  } as never) as unknown as HostedAgent;
  const run = agent.invoke(GO, config).then(
    ({ messages }) => readRun(messages).answers,
    (error: unknown) => `threw ${String(error)}`,
  );
  return { stage, run };
}

const STARTED = [
  "parent model 1",
  "o start",
  "kid model 1",
  "k1 start",
  "k2 start",
];

it("a subagent of deepagents ends at the timeoutMs of its task", async () => {
  const { stage, run } = startDeepAgent({
    policies: { task: { timeoutMs: 100 } },
  });
  await untilStill();
  expect(stage.log).toEqual(STARTED);
  await vi.advanceTimersByTimeAsync(100);
  await stage.finish("o");
  expect(await run).toEqual([
    expect.stringContaining("p error: Error: task did not finish within 0.1 s"),
    "o ok: o result",
  ]);
  expect(await releaseSearches(stage)).toEqual([]);
});

it("a subagent of deepagents ends at batchTimeoutMs", async () => {
  const { stage, run } = startDeepAgent({ batchTimeoutMs: 100 });
  await untilStill();
  await stage.finish("o");
  await vi.advanceTimersByTimeAsync(100);
  expect(await run).toEqual([
    expect.stringContaining("p error: Error: the calls of this message"),
    "o ok: o result",
  ]);
  expect(await releaseSearches(stage)).toEqual([]);
});

it("a subagent of deepagents ends when a call beside it fails", async () => {
  const { stage, run } = startDeepAgent({ handleToolErrors: false });
  await untilStill();
  await stage.fail("o");
  expect(await run).toBe("threw Error: o broke");
  expect(await releaseSearches(stage)).toEqual([]);
});

it("a subagent of deepagents ends when the run is aborted", async () => {
  const controller = new AbortController();
  const { stage, run } = startDeepAgent(
    { policies: { task: { timeoutMs: 100 } } },
    { signal: controller.signal },
  );
  await untilStill();
  controller.abort(new Error("the user went away"));
  expect(await run).toMatch(/^threw Error: /);
  expect(await releaseSearches(stage)).toEqual([]);
  await stage.finish("o");
});

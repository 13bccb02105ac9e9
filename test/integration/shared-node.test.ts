import { Command, interrupt, MemorySaver } from "@langchain/langgraph";
import { expect, test } from "vitest";
import { createScriptedGraph, INPUT } from "./support/scripted-graph.js";
import {
  CALLS,
  createSharedNode,
  runOf,
  type Thread,
} from "./support/shared-node.js";

/** Three runs whose calls need one slot; `work` decides what a call does. */
function createRuns(work: (thread: string, n: number) => Promise<string>) {
  const log: string[] = [];
  const node = createSharedNode(
    (n, runtime) => {
      const thread = String(runtime.configurable?.["thread_id"]);
      log.push(`${thread} ${n}`);
      return work(thread, n);
    },
    { maxConcurrency: 1 },
  );
  const graph = createScriptedGraph(node, CALLS, {
    checkpointer: new MemorySaver(),
  });
  return {
    log,
    start: (
      thread: Thread,
      input: typeof INPUT | Command,
      signal?: AbortSignal,
    ) =>
      graph.invoke(input as typeof INPUT, {
        ...runOf(thread).config,
        ...(signal && { signal }),
      }),
  };
}

const all = (thread: Thread) => CALLS.map(({ args }) => `${thread} ${args.n}`);

test("a run that is interrupted leaves its slot to the other runs of the node", async () => {
  const runs = createRuns(async (thread, n) =>
    thread === "left" && n === 1 ? interrupt("go on?") : "done",
  );

  await Promise.all([
    runs.start("left", INPUT),
    runs.start("middle", INPUT),
    runs.start("right", INPUT),
  ]);

  expect(runs.log).toEqual([
    "left 0",
    "left 1",
    ...all("middle"),
    ...all("right"),
  ]);
  runs.log.length = 0;

  const { messages } = await runs.start("left", new Command({ resume: "yes" }));

  expect(runs.log).toEqual(all("left"));
  expect(messages.slice(2).map(({ text }) => text)).toEqual([
    "done",
    "yes",
    "done",
    "Done.",
  ]);
});

test("a run that is aborted while it waits leaves the line and holds up nobody", async () => {
  const controller = new AbortController();
  const runs = createRuns(async (thread, n) => {
    if (thread === "left" && n === 0) controller.abort(new Error("enough"));
    return "done";
  });

  const ends = await Promise.allSettled([
    runs.start("left", INPUT),
    runs.start("middle", INPUT, controller.signal),
    runs.start("right", INPUT),
  ]);

  expect(ends.map(({ status }) => status)).toEqual([
    "fulfilled",
    "rejected",
    "fulfilled",
  ]);
  expect(runs.log).toEqual([...all("left"), ...all("right")]);
});

test("a run that is aborted while it works gives its slot to the next", async () => {
  const controller = new AbortController();
  const runs = createRuns(async (thread, n) => {
    if (thread === "left" && n === 1) controller.abort(new Error("enough"));
    return "done";
  });

  const ends = await Promise.allSettled([
    runs.start("left", INPUT, controller.signal),
    runs.start("middle", INPUT),
    runs.start("right", INPUT),
  ]);

  expect(ends.map(({ status }) => status)).toEqual([
    "rejected",
    "fulfilled",
    "fulfilled",
  ]);
  expect(runs.log).toEqual([
    "left 0",
    "left 1",
    ...all("middle"),
    ...all("right"),
  ]);
});

import { getEventListeners } from "node:events";
import { MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { ParallelToolNode } from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { settle } from "../support/fake-clock.js";
import { answerLines, ask, callOf } from "../support/messages.js";
import { Stage } from "../support/stage.js";

const input = [ask(callOf("a", "t"), callOf("b", "t"), callOf("c", "t"))];
const reason = new Error("the user went away");

function start(options: { cap?: number; handleToolErrors?: boolean } = {}) {
  const stage = new Stage();
  const controller = new AbortController();
  const { cap = 2, handleToolErrors = true } = options;
  const node = new ParallelToolNode(stage.tools("t"), {
    maxConcurrency: cap,
    handleToolErrors,
  });
  const run = node.invoke(input, { signal: controller.signal }).then(
    (answers) => {
      stage.log.push("answered");
      return answers;
    },
    (error: unknown) => {
      stage.log.push("threw");
      return error;
    },
  );
  return { stage, controller, run };
}

describe.each([true, false])(
  "an abort, with handleToolErrors %s,",
  (handleToolErrors) => {
    it("before the start starts nothing and rejects with its reason", async () => {
      const stage = new Stage();
      const node = new ParallelToolNode(stage.tools("t"), { handleToolErrors });
      const signal = AbortSignal.abort(reason);
      await expect(node.invoke(input, { signal })).rejects.toBe(reason);
      expect(stage.log).toEqual([]);
    });

    it("is seen by who runs, and who waits never starts", async () => {
      const { stage, controller, run } = start({ handleToolErrors });
      await settle();
      controller.abort(reason);
      await settle();
      expect(stage.log).toEqual(["a start", "b start", "a signal", "b signal"]);
      expect(stage.signals.get("a")?.reason).toBe(reason);
      await stage.finish("b");
      expect(stage.log.at(-1)).toBe("b end");
      await stage.fail("a", reason);
      expect(await run).toBe(reason);
      expect(stage.log.slice(4)).toEqual(["b end", "a fail", "threw"]);
    });

    it("that comes when all calls run lets them be answered", async () => {
      const { stage, controller, run } = start({ cap: 3, handleToolErrors });
      await settle();
      controller.abort(reason);
      for (const id of ["a", "b", "c"]) await stage.finish(id);
      expect(answerLines(await run)).toEqual([
        "a ok: a result",
        "b ok: b result",
        "c ok: c result",
      ]);
    });

    it("leaves no listener behind, nor does a batch without one", async () => {
      const { stage, controller, run } = start({ handleToolErrors });
      await settle();
      const { signal } = controller;
      expect(getEventListeners(signal, "abort").length).toBeGreaterThan(0);
      for (const id of ["a", "b", "c"]) await stage.finish(id);
      await run;
      expect(getEventListeners(signal, "abort")).toHaveLength(0);

      const second = start({ handleToolErrors });
      second.controller.abort(reason);
      for (const id of ["a", "b"]) await second.stage.finish(id);
      await second.run;
      const left = getEventListeners(second.controller.signal, "abort");
      expect(left).toHaveLength(0);
    });
  },
);

it("an abort gives back the slots of the calls that did run", async () => {
  const stage = new Stage();
  const node = new ParallelToolNode(stage.tools("t"), { maxConcurrency: 1 });
  const controller = new AbortController();
  const run = node.invoke(input, { signal: controller.signal });
  const thrown = run.catch((error: unknown) => error);
  await settle();
  controller.abort(reason);
  const next = node.invoke([ask(callOf("d", "t"))]);
  await stage.finish("d");
  expect(stage.log).not.toContain("d start");
  await stage.finish("a");
  expect(await thrown).toBe(reason);
  expect(answerLines(await next)).toEqual(["d ok: d result"]);
});

it("an abort with a reason that is no Error is passed on as it is", async () => {
  const signal = AbortSignal.abort("enough");
  const node = new ParallelToolNode(new Stage().tools("t"));
  await expect(node.invoke(input, { signal })).rejects.toBe("enough");
});

it("listeners of failed batches are removed as well", async () => {
  const stage = new Stage();
  const node = new ParallelToolNode(stage.tools("t"), {
    handleToolErrors: false,
    policies: { t: { cost: () => 0 } },
  });
  const { signal } = new AbortController();
  await expect(node.invoke(input, { signal })).rejects.toThrow(
    "returned a number",
  );
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});

it("the abort of a graph's run keeps waiting calls from starting", async () => {
  const controller = new AbortController();
  const stage = new Stage(() => controller.abort(reason));
  const node = new ParallelToolNode(stage.tools("t"), { maxConcurrency: 1 });
  const graph = new StateGraph(MessagesAnnotation)
    .addNode("tools", node)
    .addEdge(START, "tools")
    .compile();
  const { signal } = controller;
  const run = graph.invoke({ messages: input }, { signal });
  await expect(run).rejects.toBe(reason);
  await stage.finish("a");
  expect(stage.log).toEqual(["a start", "a end"]);
});

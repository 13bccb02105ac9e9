import { tool } from "@langchain/core/tools";
import {
  Annotation,
  getConfig,
  type LangGraphRunnableConfig,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { ToolNode as StockToolNode } from "@langchain/langgraph/prebuilt";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
} from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  callWith,
  insideSignal,
  isGraphAbort,
  withSignal,
} from "@/langgraph/nested-signal.js";
import { settle } from "../support/fake-clock.js";
import { ask, callOf } from "../support/messages.js";

const State = Annotation.Root({ text: Annotation<string> });

/** A graph of one node. */
function graphOf(act: (config: LangGraphRunnableConfig) => unknown) {
  return new StateGraph(State)
    .addNode("only", async (_, config) => {
      await act(config);
      return { text: "done" };
    })
    .addEdge(START, "only")
    .compile();
}

/**
 * A graph of two steps inside another, which starts it as `run` says. The signal
 * is aborted during its first step: the steps that it took, and what it threw.
 */
async function abortInside(
  run: (
    start: (config?: LangGraphRunnableConfig) => Promise<unknown>,
    config: LangGraphRunnableConfig,
    signal: AbortSignal,
  ) => Promise<unknown>,
) {
  const controller = new AbortController();
  const steps: string[] = [];
  let open!: () => void;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const step = (name: string, act: () => Promise<void>) => async () => {
    steps.push(name);
    await act();
    return {};
  };
  const inner = new StateGraph(State)
    .addNode(
      "first",
      step("first", () => gate),
    )
    .addNode("second", step("second", settle))
    .addEdge(START, "first")
    .addEdge("first", "second")
    .compile();
  let thrown: unknown;
  const outer = graphOf(async (config) => {
    const start = (own?: LangGraphRunnableConfig) => inner.invoke({}, own);
    void run(start, config, controller.signal).catch((error: unknown) => {
      thrown = error;
    });
    await settle();
    controller.abort(new Error("enough"));
    open();
    for (let turn = 0; turn < 10; turn += 1) await settle();
  });
  await outer.invoke({});
  return { steps, thrown };
}

describe("a graph inside another, in this version of LangGraph,", () => {
  it("goes on after an abort of config.signal, which is why all this is here", async () => {
    const { steps, thrown } = await abortInside((start, config, signal) =>
      start({ ...config, signal }),
    );
    expect(steps).toEqual(["first", "second"]);
    // But the caller gets the reason of the abort.
    expect(thrown).toEqual(new Error("enough"));
  });

  it.each<[string, Parameters<typeof abortInside>[0]]>([
    [
      "ends with a signal in the config that it is given",
      (start, config, signal) => start(withSignal(config, signal)),
    ],
    [
      "ends with a signal in the config around it",
      (start, _, signal) => insideSignal(signal, () => start()),
    ],
    [
      "ends with the signal of a call that hands its config on",
      (start, config, signal) => callWith(config, signal, undefined, start),
    ],
    [
      "ends with the signal of a call that hands nothing on",
      (start, config, signal) =>
        callWith(config, signal, undefined, () => start()),
    ],
  ])("%s", async (_, run) => {
    expect((await abortInside(run)).steps).toEqual(["first"]);
  });

  it("throws an error of its own, in place of the reason, if it has no signal", async () => {
    const { thrown } = await abortInside((start, _, signal) =>
      insideSignal(signal, () => {
        const config = getConfig();
        return start({ ...config, signal: new AbortController().signal });
      }),
    );
    expect(isGraphAbort(thrown)).toBe(true);
  });
});

it("a call without a signal of its own has the very config and context", () => {
  const { signal } = new AbortController();
  const config = { signal, configurable: {} };
  const given: unknown[] = [];
  callWith(config, signal, undefined, (own) => given.push(own));
  callWith(config, undefined, undefined, (own) => given.push(own));
  expect(given[0]).toBe(config);
  expect(given[1]).toBe(config);
});

it("outside of any run there is no context to change", () => {
  const { signal } = new AbortController();
  expect(insideSignal(signal, () => getConfig())).toBeUndefined();
});

it("what a tool throws for a reason of its own is no abort of a graph", () => {
  expect(isGraphAbort(new Error("Abort the mission"))).toBe(false);
  expect(isGraphAbort("Abort")).toBe(false);
});

/** The signals that graphs hear in the calls of a batch, and their configs. */
async function signalsIn(
  options: ParallelToolNodeOptions | "stock",
): Promise<{ readonly heard: unknown; readonly signal: unknown }[]> {
  const seen: { heard: unknown; signal: unknown }[] = [];
  const look = tool(
    (_, { configurable, signal }: LangGraphRunnableConfig) => {
      const heard: unknown = configurable?.["__pregel_abort_signals"];
      seen.push({ heard, signal });
      return "seen";
    },
    { name: "look", description: "Looks.", schema: z.object({}) },
  );
  const node =
    options === "stock"
      ? new StockToolNode([look])
      : new ParallelToolNode([look], options);
  await graphOf((config) =>
    node.invoke([ask(callOf("1", "look"), callOf("2", "look"))], config),
  ).invoke({});
  return seen;
}

it.each<[string, ParallelToolNodeOptions | "stock"]>([
  ["on the stock node", "stock"],
  ["without options", {}],
  ["with caps, rates and order", { maxConcurrency: 1, sequential: true }],
])("%s, all calls hear the step's own signals", async (_, options) => {
  const [first, second] = await signalsIn(options);
  expect(first?.heard).toBeDefined();
  expect(second?.heard).toBe(first?.heard);
  expect(second?.signal).toBe(first?.signal);
});

it("with a limit in time, each call hears a signal of its own", async () => {
  const options = { defaultPolicy: { timeoutMs: 1_000 } };
  const [first, second] = await signalsIn(options);
  expect(second?.heard).not.toBe(first?.heard);
  expect(second?.signal).not.toBe(first?.signal);
});

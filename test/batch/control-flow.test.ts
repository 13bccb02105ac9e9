import {
  Command,
  GraphDrained,
  GraphInterrupt,
  NodeInterrupt,
  ParentCommand,
} from "@langchain/langgraph";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
} from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { settle } from "../support/fake-clock.js";
import { ask, callOf } from "../support/messages.js";
import { Stage } from "../support/stage.js";

const interruptOf = (value: string) => new GraphInterrupt([{ value }]);
const parent = new ParentCommand(new Command({ graph: Command.PARENT }));

function start(options: ParallelToolNodeOptions = {}) {
  const stage = new Stage();
  const node = new ParallelToolNode(stage.tools("t", "last"), options);
  const input = [ask(callOf("a", "t"), callOf("b", "t"), callOf("c", "last"))];
  const run = node.invoke(input).catch((error: unknown) => {
    stage.log.push("threw");
    return error;
  });
  return { stage, run };
}

describe("an interrupt", () => {
  it("waits for the calls that run, and they see no abort", async () => {
    const { stage, run } = start();
    await settle();
    const interrupt = interruptOf("a?");
    await stage.fail("a", interrupt);
    await stage.finish("b");
    expect(stage.log).not.toContain("threw");
    await stage.finish("c");
    expect(await run).toBe(interrupt);
    expect(stage.log).toEqual([
      "a start",
      "b start",
      "c start",
      "a fail",
      "b end",
      "c end",
      "threw",
    ]);
  });

  it("keeps calls that have not started from starting", async () => {
    const { stage, run } = start({ maxConcurrency: 1 });
    await settle();
    await stage.fail("a", interruptOf("a?"));
    await run;
    expect(stage.log).toEqual(["a start", "a fail", "threw"]);
  });

  it("keeps those from starting that wait for another call", async () => {
    const { stage, run } = start({ policies: { last: { after: ["t"] } } });
    await settle();
    await stage.fail("b", interruptOf("b?"));
    await stage.finish("a");
    await run;
    expect(stage.log).not.toContain("c start");
  });

  it("comes before errors that are turned into messages", async () => {
    const { stage, run } = start();
    await stage.fail("a");
    await stage.fail("b", interruptOf("b?"));
    await stage.finish("c");
    expect(await run).toMatchObject({ interrupts: [{ value: "b?" }] });
  });

  it("gives its slot to the next batch", async () => {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("t"), { maxConcurrency: 1 });
    await stage.fail("a", interruptOf("a?"));
    await stage.finish("c");
    const input = [ask(callOf("a", "t"), callOf("b", "t"))];
    await expect(node.invoke(input)).rejects.toBeInstanceOf(GraphInterrupt);
    expect(await node.invoke([ask(callOf("c", "t"))])).toHaveLength(1);
    expect(stage.log).not.toContain("b start");
  });
});

describe("of several signals", () => {
  it("the interrupt of the lowest index is thrown", async () => {
    const { stage, run } = start();
    await stage.fail("a", interruptOf("a?"));
    await stage.fail("b", new NodeInterrupt("b?"));
    await stage.fail("c", interruptOf("c?"));
    expect(await run).toBeInstanceOf(GraphInterrupt);
    expect(await run).toMatchObject({
      interrupts: [{ value: "a?" }],
    });
  });

  it("an interrupt comes before a drain, and that before a Command", async () => {
    const drained = new GraphDrained("going down");
    const first = start();
    await first.stage.fail("a", parent);
    await first.stage.fail("b", drained);
    await first.stage.fail("c", interruptOf("c?"));
    expect(await first.run).toMatchObject({ interrupts: [{ value: "c?" }] });

    const second = start();
    await second.stage.fail("a", parent);
    await second.stage.fail("b", drained);
    await second.stage.finish("c");
    expect(await second.run).toBe(drained);
  });

  it("an error comes first when errors are thrown", async () => {
    const { stage, run } = start({ handleToolErrors: false });
    await stage.fail("a", interruptOf("a?"));
    await stage.fail("b");
    await stage.finish("c");
    expect(await run).toEqual(new Error("b broke"));
  });
});

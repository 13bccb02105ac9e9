import { StructuredTool } from "@langchain/core/tools";
import { MemorySaver } from "@langchain/langgraph";
import { ParallelToolNode, SiblingFailedError } from "parallel-tools-node";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { settle } from "../support/fake-clock.js";
import { Barrier } from "./support/gates.js";
import { createScriptedGraph, INPUT } from "./support/scripted-graph.js";

const schema = z.object({ n: z.number(), turns: z.number() });

/**
 * Fails some turns after all have started. A class, since what `tool` makes
 * gives up on its function when it is aborted.
 */
class Fails extends StructuredTool<typeof schema> {
  override name = "fails";
  override description = "Fails.";
  override schema = schema;
  readonly log: string[] = [];
  readonly #together: Barrier;

  constructor(calls: number) {
    super();
    this.#together = new Barrier(calls);
  }

  protected override async _call(
    { n, turns }: z.infer<typeof schema>,
    _: unknown,
    config: { signal?: AbortSignal } = {},
  ): Promise<string> {
    this.log.push(`start ${n}`);
    await this.#together.arrive();
    for (let turn = 0; turn < turns; turn += 1) await settle();
    const reason: unknown = config.signal?.reason;
    const why = SiblingFailedError.isInstance(reason)
      ? `aborted by call ${reason.ordinal}`
      : "not aborted";
    this.log.push(`end ${n}, ${why}`);
    throw new Error(`call ${n} failed`);
  }
}

const callsOf = (turns: readonly number[]) =>
  turns.map((count, n) => ({
    id: `call_${n}`,
    name: "fails",
    args: { n, turns: count },
  }));

describe("a node whose errors are thrown", () => {
  test("fails the run of its graph with the first call's error, when all calls have ended", async () => {
    const fails = new Fails(3);
    const node = new ParallelToolNode([fails], { handleToolErrors: false });
    const graph = createScriptedGraph(node, callsOf([4, 0, 8]));

    await expect(graph.invoke(INPUT)).rejects.toThrow("call 0 failed");

    expect(fails.log).toEqual([
      "start 0",
      "start 1",
      "start 2",
      "end 1, not aborted",
      "end 0, aborted by call 2",
      "end 2, aborted by call 2",
    ]);
  });

  test("starts no more calls after one has failed", async () => {
    const fails = new Fails(1);
    const node = new ParallelToolNode([fails], {
      handleToolErrors: false,
      maxConcurrency: 1,
    });
    const graph = createScriptedGraph(node, callsOf([0, 0, 0]));

    await expect(graph.invoke(INPUT)).rejects.toThrow("call 0 failed");
    await settle();

    expect(fails.log).toEqual(["start 0", "end 0, not aborted"]);
  });

  test("leaves the thread where it was, so that the run can be tried again", async () => {
    const fails = new Fails(1);
    const node = new ParallelToolNode([fails], { handleToolErrors: false });
    const graph = createScriptedGraph(node, callsOf([0]), {
      checkpointer: new MemorySaver(),
    });
    const config = { configurable: { thread_id: "thread" } };

    await expect(graph.invoke(INPUT, config)).rejects.toThrow("call 0 failed");
    expect((await graph.getState(config)).next).toEqual(["tools"]);
    node.handleToolErrors = true;
    const { messages } = await graph.invoke(null, config);

    expect(messages.slice(2).map(({ text }) => text)).toEqual([
      "Error: call 0 failed\n Please fix your mistakes.",
      "Done.",
    ]);
  });
});

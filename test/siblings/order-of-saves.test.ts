import {
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { ParallelToolNode } from "parallel-tools-node";
import { describe, expect, test } from "vitest";
import { Notes } from "../middleware/support/notes.js";
import { ScriptedAgent } from "../middleware/support/scripted-agent.js";
import { settle } from "../support/fake-clock.js";
import { ask, callOf } from "../support/messages.js";

/** Notes when it has kept what a task has written, some turns later. */
class SlowSaver extends MemorySaver {
  readonly #log: string[];

  constructor(log: string[]) {
    super();
    this.#log = log;
  }

  override async putWrites(
    ...args: Parameters<MemorySaver["putWrites"]>
  ): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) await settle();
    await super.putWrites(...args);
    const values = args[1].map(([, value]) => JSON.stringify(value));
    for (const name of ["pay", "use"]) {
      if (values.some((value) => value.includes(`${name} done`))) {
        this.#log.push(`${name} kept`);
      }
    }
  }
}

const CALLS = [callOf("1", "pay"), callOf("2", "use")];
const OPTIONS = { durable: true, policies: { use: { after: ["pay"] } } };

describe("with `durable` a call that depends on another starts when that one's answer is kept", () => {
  test("in a graph", async () => {
    const notes = new Notes();
    const node = new ParallelToolNode(notes.tools("pay", "use"), OPTIONS);
    await new StateGraph(MessagesAnnotation)
      .addNode("tools", node)
      .addEdge(START, "tools")
      .compile({ checkpointer: new SlowSaver(notes.log) })
      .invoke(
        { messages: [ask(...CALLS)] },
        { configurable: { thread_id: "t" } },
      );
    expect(notes.log.slice(0, 4)).toEqual([
      "pay",
      "pay end",
      "pay kept",
      "use",
    ]);
  });

  test("in `createAgent`", async () => {
    const notes = new Notes();
    const agent = new ScriptedAgent(notes.tools("pay", "use"), [CALLS], {
      checkpointer: new SlowSaver(notes.log),
      options: OPTIONS,
    });
    await agent.run();
    expect(notes.log.slice(0, 4)).toEqual([
      "pay",
      "pay end",
      "pay kept",
      "use",
    ]);
  });
});

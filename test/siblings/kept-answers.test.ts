import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import type { BatchHost } from "@/batch/batch-host.js";
import { KeptAnswers } from "@/siblings/kept-answers.js";
import { FakeClock } from "../support/fake-clock.js";

/** Calls 0 to 2, each of which depends on the one before it, as tasks. */
class Chain {
  readonly clock = new FakeClock();
  /** What the checkpointer has: ids of tasks, and a channel of each. */
  readonly writes: [task: string, channel: string][] = [];
  reads = 0;
  readonly #host = {
    clock: this.clock,
    arrivalTimeoutMs: 100,
  } as never as BatchHost;
  kept = this.create();

  /** Another batch of the same node. */
  create(): KeptAnswers {
    return new KeptAnswers(this.#host, (position) =>
      position === 0 ? [] : [position - 1],
    );
  }

  config(position: number): LangGraphRunnableConfig {
    const saver = {
      getTuple: () => {
        this.reads += 1;
        const pendingWrites = this.writes.map((write) => [...write, "value"]);
        return Promise.resolve({ pendingWrites });
      },
    };
    return {
      configurable: {
        thread_id: "t",
        checkpoint_ns: `tools:1|call:${position}`,
        checkpoint_map: { "tools:1": "c" },
        __pregel_checkpointer: saver,
        __pregel_task_id: `task ${position}`,
      },
    };
  }
}

/** How `before` ends, once it does. */
async function endOf(before: Promise<void> | undefined, log: string[]) {
  if (before === undefined) {
    log.push("at once");
    return;
  }
  try {
    await before;
    log.push("kept");
  } catch (error) {
    log.push(String(error));
  }
}

describe("a call", () => {
  test("that depends on one whose answer is not kept yet waits for it", async () => {
    const chain = new Chain();
    const log: string[] = [];
    chain.kept.ended(0, chain.config(0));
    void endOf(chain.kept.before(1), log);
    await chain.clock.advance(20);
    expect(log).toEqual([]);
    chain.writes.push(["task 0", "__return__"]);
    await chain.clock.advance(32);
    expect(log).toEqual(["kept"]);
    await endOf(chain.kept.before(1), log);
    expect(log).toEqual(["kept", "at once"]);
    expect(chain.clock.pending).toBe(0);
  });

  test("waits for what stands further before it, too", async () => {
    const chain = new Chain();
    const log: string[] = [];
    chain.kept.ended(0, chain.config(0));
    chain.kept.ended(1, chain.config(1));
    chain.writes.push(["task 1", "messages"]);
    void endOf(chain.kept.before(2), log);
    await chain.clock.advance(50);
    expect(log).toEqual([]);
    chain.writes.push(["task 0", "messages"]);
    await chain.clock.advance(32);
    expect(log).toEqual(["kept"]);
  });

  test("that depends on none, or on none that ended in this process, doesn't wait", async () => {
    const chain = new Chain();
    const log: string[] = [];
    await endOf(chain.kept.before(1), log);
    chain.kept.ended(1, chain.config(1));
    await endOf(chain.kept.before(0), log);
    await endOf(chain.kept.before(1), log);
    expect(log).toEqual(["at once", "at once", "at once"]);
    expect(chain.reads).toBe(0);
  });

  test("is not fooled by an interrupt that its task had, or by the answer to it", async () => {
    const chain = new Chain();
    const log: string[] = [];
    chain.kept.ended(0, chain.config(0));
    chain.writes.push(["task 0", "__interrupt__"], ["task 0", "__resume__"]);
    void endOf(chain.kept.before(1), log);
    await chain.clock.advance(50);
    expect(log).toEqual([]);
  });

  test("that waits gets the reason when the run is aborted", async () => {
    const chain = new Chain();
    const controller = new AbortController();
    const log: string[] = [];
    chain.kept.ended(0, chain.config(0));
    void endOf(chain.kept.before(1, controller.signal), log);
    controller.abort(new Error("The user left."));
    await chain.clock.advance(1);
    expect(log).toEqual(["Error: The user left."]);
    expect(chain.clock.pending).toBe(0);
  });

  test("goes on after `arrivalTimeoutMs`, and from then on without waiting", async () => {
    const chain = new Chain();
    const log: string[] = [];
    chain.kept.ended(0, chain.config(0));
    void endOf(chain.kept.before(1), log);
    await chain.clock.advance(99);
    expect(log).toEqual([]);
    await chain.clock.advance(32);
    expect(log).toEqual(["kept"]);
    const other = chain.create();
    other.ended(0, chain.config(0));
    await endOf(other.before(1), log);
    expect(log).toEqual(["kept", "at once"]);
  });
});

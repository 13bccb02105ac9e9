import { tool } from "@langchain/core/tools";
import {
  inProcessLimits,
  limitModel,
  ParallelToolNode,
  type Resource,
  type SharedLimits,
} from "parallel-tools-node";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { answerLines, ask, callOf } from "../support/messages.js";
import { FakeModel } from "./support/fake-model.js";
import { withoutNesting } from "../scope/support/stores.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const STORES: readonly (readonly [string, () => SharedLimits | undefined])[] = [
  ["in this process", () => undefined],
  ["in a store", inProcessLimits],
  ["in a plain store", () => withoutNesting(inProcessLimits())],
];

function limited(
  store: SharedLimits | undefined,
  log: string[],
  api: Resource = { concurrency: 1 },
) {
  const node = new ParallelToolNode([], {
    resources: { api },
    ...(store && { limits: store }),
  });
  return { node, model: limitModel(new FakeModel(log), node) };
}

const sleep = (ms: number) =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, ms);
  });

describe.each(STORES)("a stream that nobody reads, %s", (_, storeOf) => {
  it("lends its slot to the request for which its reader waits", async () => {
    const log: string[] = [];
    const { model } = limited(storeOf(), log);
    const read = (async () => {
      const texts: string[] = [];
      for await (const { text } of await model.stream("a")) {
        texts.push(text, (await model.invoke("b")).text);
      }
      return texts;
    })();
    await vi.runAllTimersAsync();
    expect(await read).toEqual(["one ", "fine", "two", "fine"]);
    // The first piece lies for a second. With the last one the stream is over.
    const [, ...others] = log.map((line) => Number.parseInt(line, 10));
    expect(others).toHaveLength(2);
    expect(others[0]).toBeGreaterThanOrEqual(1_010);
    expect(others[1]).toBeGreaterThanOrEqual(others[0]! + 10);
  });

  it("does so inside of a call that has a slot of it, too", async () => {
    const log: string[] = [];
    const store = storeOf();
    const reads = tool(
      async () => {
        let answer = "";
        for await (const { text } of await model.stream("a")) {
          answer += text + (await model.invoke("b")).text;
        }
        return answer;
      },
      { name: "reads", description: "Reads.", schema: z.object({}) },
    );
    const node = new ParallelToolNode([reads], {
      resources: { api: { concurrency: 1 } },
      policies: { reads: { resources: "api" } },
      ...(store && { limits: store }),
    });
    const model = limitModel(new FakeModel(log), node);
    const answers = node.invoke([
      ask(callOf("1", "reads"), callOf("2", "reads")),
    ]);
    await vi.runAllTimersAsync();
    expect(answerLines(await answers)).toEqual([
      "1 ok: one finetwofine",
      "2 ok: one finetwofine",
    ]);
    expect(log).toHaveLength(6);
  });

  it("takes no slot away for ever where it is left without a word", async () => {
    const log: string[] = [];
    const { model } = limited(storeOf(), log);
    const first = model.stream("a").then((left) => left.next());
    const next = model.invoke("b");
    await vi.runAllTimersAsync();
    expect((await first).value?.text).toBe("one ");
    expect((await next).text).toBe("fine");
    expect(log[0]).toBe("0 a");
    expect(log).toHaveLength(2);
  });

  it("goes on when there is a slot again, before all who have not started", async () => {
    const log: string[] = [];
    const { model } = limited(storeOf(), log);
    const start = Date.now();
    const read = (async () => {
      for await (const { text } of await model.stream("a")) {
        log.push(`${Date.now() - start} ${text}`);
        // Not a second: nothing is lent.
        await sleep(text === "two" ? 900 : 1_600);
      }
    })();
    await sleepUntil(1_500);
    const others = ["b", "c"].map((what) => model.invoke(what));
    await vi.runAllTimersAsync();
    await Promise.all([read, ...others]);
    const order = log.map((line) => line.split(" ")[1]);
    expect(order).toEqual(["a", "one", "b", "c", "two"]);
  });
});

/** Lets timers fire until then. */
async function sleepUntil(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

import type { BaseMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import {
  Command,
  INTERRUPT,
  interrupt,
  isInterrupted,
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { ParallelToolNode } from "parallel-tools-node";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ask, callOf } from "../support/messages.js";
import { Desk, HOSTS } from "./desk.js";

const schema = z.object({ what: z.string() });

/** A node of the application that runs our node for each of some messages. */
function rounds(
  durable: boolean,
  messages: readonly BaseMessage[][],
  { asksFirst = false, atOnce = false } = {},
) {
  const log: string[] = [];
  const act = tool(
    ({ what }) => {
      const said: string = interrupt(`${what}?`);
      log.push(`${what}: ${said}`);
      return `${what} ${said}`;
    },
    { name: "act", description: "Asks, then acts.", schema },
  );
  const get = tool(
    ({ what }) => {
      log.push(`get ${what}`);
      return `value of ${what}`;
    },
    { name: "get", description: "Reads.", schema },
  );
  const tools = new ParallelToolNode([act, get], { durable });
  const results: unknown[] = [];
  const graph = new StateGraph(MessagesAnnotation)
    .addNode("node", async (_, config) => {
      results.length = 0;
      if (asksFirst)
        log.push(`account ${interrupt<string, string>("account?")}`);
      const answer = (input: BaseMessage[]): Promise<BaseMessage[]> =>
        tools.invoke(input, config);
      const answers = atOnce
        ? await Promise.all(messages.map(answer))
        : await inTurn(messages, answer);
      results.push(...answers.flat().map(({ text }) => text));
      return {};
    })
    .addEdge(START, "node")
    .compile({ checkpointer: new MemorySaver() });
  const config = { configurable: { thread_id: "t" } };
  const run = async (input: unknown) => {
    const state: unknown = await graph.invoke(input as never, config);
    return isInterrupted<string>(state) ? (state[INTERRUPT][0] ?? null) : null;
  };
  return { log, results, run };
}

async function inTurn<Item, Result>(
  items: readonly Item[],
  run: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await run(item));
  return results;
}

const one = (id: string, name: string, what: string) => [
  ask(callOf(id, name, { what })),
];

describe.each([false, true])("in one task, durable: %s,", (durable) => {
  test.each(["plain", "by id"])(
    "a batch after another one asks for itself (%s)",
    async (form) => {
      const { log, run } = rounds(durable, [
        one("1", "act", "list"),
        one("1", "act", "wipe"),
      ]);
      const shown: unknown[] = [];
      let open = await run({ messages: [] });
      while (open !== null && shown.length < 5) {
        shown.push(open.value);
        const answer = open.value === "list?" ? "yes" : "no";
        const resume =
          form === "plain" ? answer : { [String(open.id)]: answer };
        open = await run(new Command({ resume }));
      }
      expect(shown).toEqual(["list?", "wipe?"]);
      expect(log).not.toContain("wipe: yes");
      expect(log.at(-1)).toBe("wipe: no");
    },
  );

  test("a batch of several calls asks again when it is run again", async () => {
    const both = [
      ask(callOf("1", "act", { what: "a" }), callOf("2", "act", { what: "b" })),
    ];
    const { results, run } = rounds(durable, [both, both]);
    const shown: unknown[] = [];
    let open = await run({ messages: [] });
    while (open !== null && shown.length < 9) {
      shown.push(open.value);
      open = await run(new Command({ resume: `answer ${shown.length}` }));
    }
    expect(shown).toEqual(["a?", "b?", "a?", "b?"]);
    expect(results).toEqual([
      "a answer 1",
      "b answer 2",
      "a answer 3",
      "b answer 4",
    ]);
  });

  test("a batch after another one has results of its own", async () => {
    const { log, results, run } = rounds(durable, [
      one("1", "get", "a"),
      one("2", "get", "x"),
    ]);
    expect(await run({ messages: [] })).toBeNull();
    expect(results).toEqual(["value of a", "value of x"]);
    expect(log).toEqual(["get a", "get x"]);
  });

  test("batches at once have questions of their own", async () => {
    const messages = [one("1", "act", "x"), one("1", "act", "y")];
    const { results, run } = rounds(durable, messages, { atOnce: true });
    const shown: unknown[] = [];
    let open = await run({ messages: [] });
    while (open !== null && shown.length < 5) {
      shown.push(open.value);
      const resume = { [String(open.id)]: `for ${open.value}` };
      open = await run(new Command({ resume }));
    }
    expect(shown).toEqual(["x?", "y?"]);
    expect(results).toEqual(["x for x?", "y for y?"]);
  });

  test("a question of the node before its calls keeps its answer", async () => {
    const { log, run } = rounds(durable, [one("1", "act", "mail")], {
      asksFirst: true,
    });
    const shown: unknown[] = [];
    let open = await run({ messages: [] });
    while (open !== null && shown.length < 5) {
      shown.push(open.value);
      const resume = open.value === "account?" ? "alice" : "7";
      open = await run(new Command({ resume }));
    }
    expect(shown).toEqual(["account?", "mail?"]);
    expect(log.slice(-2)).toEqual(["account alice", "mail: 7"]);
  });
});

describe.each(HOSTS)("in $name,", (host) => {
  test.each([1, 2])(
    "an answer of the wrong form leaves its question open (calls: %s)",
    async (count) => {
      const form = z.object({ ok: z.boolean() });
      const act = tool(
        () => {
          const { ok } = interrupt<string, z.infer<typeof form>>("sure?", {
            responseSchema: form,
          });
          return `ok: ${ok}`;
        },
        { name: "act", description: "Asks.", schema: z.object({}) },
      );
      const other = tool(() => `said ${interrupt("other?")}`, {
        name: "other",
        description: "Asks, too.",
        schema: z.object({}),
      });
      const calls = [callOf("1", "act"), callOf("2", "other")];
      const options = { handleToolErrors: false };
      const desk = new Desk(host, [act, other], calls.slice(0, count), {
        options,
      });
      await desk.start();
      const id = desk.idOf("sure?");
      await expect(desk.answer({ [id]: "bad" })).rejects.toThrow(/invalid/i);
      await desk.answer({ [id]: { ok: false } });
      for (let run = 0; desk.open.length > 0 && run < 3; run += 1) {
        await desk.answer({ [desk.idOf("other?")]: "done" });
      }
      expect(desk.answers[0]).toBe("1: ok: false");
    },
  );
});

import { ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { interrupt } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { Desk, HOSTS } from "../approvals/desk.js";
import { callOf } from "../support/messages.js";

const PAY_1 = callOf("1", "pay", { n: 1 });
const ASK = callOf("2", "ask", { what: "a" });
const PAY_3 = callOf("3", "pay", { n: 3 });

/** They log what they have done. */
function toolsThatLog(log: string[]) {
  const pay = tool(
    ({ n }) => {
      log.push(`pay ${n}`);
      return `paid ${n}`;
    },
    { name: "pay", description: "Pays.", schema: z.object({ n: z.any() }) },
  );
  const asking = tool(
    ({ what }) => {
      const said: string = interrupt(`${what}?`);
      log.push(`${what}: ${said}`);
      return `said ${said}`;
    },
    {
      name: "ask",
      description: "Asks.",
      schema: z.object({ what: z.string() }),
    },
  );
  return [pay, asking];
}

/** A desk on which two payments are made, and one question is open. */
async function paused(
  host: (typeof HOSTS)[number],
  calls = [PAY_1, ASK, PAY_3],
  { options = {}, paid = ["pay 1", "pay 3"] } = {},
) {
  const log: string[] = [];
  const desk = new Desk(host, toolsThatLog(log), calls, { options });
  expect(await desk.start()).toEqual(["a?"]);
  expect(log.splice(0)).toEqual(paid);
  return { desk, log };
}

const DURABLE = HOSTS.filter(({ durable, isInside }) => durable && !isInside);

describe.each(DURABLE)("after an edit of the state, $name", (host) => {
  test("runs an edited call with its new arguments, and no other", async () => {
    const { desk, log } = await paused(host);
    await desk.editCalls([PAY_1, ASK, { ...PAY_3, args: { n: 333 } }]);
    expect(await desk.goOn()).toEqual(["a?"]);
    expect(log.splice(0)).toEqual(["pay 333"]);
    expect(await desk.say("yes")).toEqual([]);
    expect(log).toEqual(["a: yes"]);
    expect(desk.answers.toSorted()).toEqual([
      "1: paid 1",
      "2: said yes",
      "3: paid 333",
    ]);
  });

  test("asks an edited question anew", async () => {
    const { desk, log } = await paused(host);
    const id = desk.idOf("a?");
    await desk.editCalls([PAY_1, { ...ASK, args: { what: "b" } }, PAY_3]);
    expect(await desk.goOn()).toEqual(["b?"]);
    expect(desk.idOf("b?")).not.toBe(id);
    expect(await desk.say("no")).toEqual([]);
    expect(log).toEqual(["b: no"]);
    expect(desk.answers.toSorted()).toEqual([
      "1: paid 1",
      "2: said no",
      "3: paid 3",
    ]);
  });

  test("runs no call again when another one is removed", async () => {
    const { desk, log } = await paused(host);
    await desk.editCalls([PAY_1, PAY_3]);
    expect(await desk.goOn()).toEqual([]);
    expect(log).toEqual([]);
    expect(desk.answers.toSorted()).toEqual(["1: paid 1", "3: paid 3"]);
  });

  test("runs no call that a human has answered", async () => {
    const { desk, log } = await paused(host);
    const answer = new ToolMessage({ tool_call_id: "2", content: "by hand" });
    await desk.edit([answer]);
    expect(await desk.goOn()).toEqual([]);
    expect(log).toEqual([]);
    expect(desk.answers.filter((text) => text.startsWith("2"))).toEqual([
      "2: by hand",
    ]);
  });

  test("runs a finished call again in a second future, and gives it no answer of the first", async () => {
    const { desk, log } = await paused(host);
    const place = await desk.here();
    expect(await desk.say("first")).toEqual([]);
    expect(log.splice(0)).toEqual(["a: first"]);
    expect(await desk.runAt(place, "second")).toEqual([]);
    expect(log.toSorted()).toEqual(["a: second", "pay 1", "pay 3"]);
    expect(desk.answers.toSorted()).toEqual([
      "1: paid 1",
      "2: said second",
      "3: paid 3",
    ]);
  });

  test("asks again where a thread is replayed", async () => {
    const { desk, log } = await paused(host);
    const place = await desk.here();
    await desk.say("first");
    log.length = 0;
    expect(await desk.runAt(place, null)).toEqual(["a?"]);
    expect(log.splice(0)).toEqual(["pay 1", "pay 3"]);
    expect(await desk.say("third")).toEqual([]);
    expect(log).toEqual(["a: third"]);
    expect(desk.answers).toContain("2: said third");
  });
});

describe("after an answer that others refer to was given by hand", () => {
  const node = DURABLE.find(({ base }) => base === "node")!;
  const refers = { ...PAY_3, args: { n: "$1" } };
  const setup = {
    options: { references: true },
    paid: ["pay 1", "pay paid 1"],
  };

  test.each([
    ["paid 1", []],
    ["paid nothing", ["pay paid nothing"]],
  ])(
    "%s: what refers to it runs again only with another value",
    async (content, again) => {
      const { desk, log } = await paused(node, [PAY_1, ASK, refers], setup);
      await desk.edit([new ToolMessage({ tool_call_id: "1", content })]);
      expect(await desk.goOn()).toEqual(["a?"]);
      expect(log.splice(0)).toEqual(again);
      expect(await desk.say("yes")).toEqual([]);
      expect(log).toEqual(["a: yes"]);
      expect(desk.answers).toContain(`3: paid ${content}`);
    },
  );
});

test("after an answer that others refer to was replaced by an error, what refers to it isn't run and doesn't keep its answer", async () => {
  const host = DURABLE.find(({ base }) => base === "node")!;
  const refers = { ...PAY_3, args: { n: "$1" } };
  const { desk, log } = await paused(host, [PAY_1, ASK, refers], {
    options: { references: true },
    paid: ["pay 1", "pay paid 1"],
  });
  const error = { content: "bounced", status: "error" as const };
  await desk.edit([new ToolMessage({ tool_call_id: "1", ...error })]);
  expect(await desk.goOn()).toEqual(["a?"]);
  expect(await desk.say("yes")).toEqual([]);
  expect(log).toEqual(["a: yes"]);
  expect(desk.answers.find((text) => text.startsWith("3"))).toContain(
    'Not run: the reference "$1"',
  );
});

// In a `createAgent` the edited message has no note of the order that the model
// wrote, so that references are errors.
const KNOW_ORDER = DURABLE.filter(({ base }) => !base.startsWith("agent"));

describe.each(KNOW_ORDER)(
  "after a call was edited that others refer to, $name",
  (host) => {
    test("a no to a question that is put anew stays a no, though it was a yes before", async () => {
      const log: string[] = [];
      const first = { ...ASK, args: { what: "$1" } };
      const second = callOf("4", "ask", { what: "b" });
      const desk = new Desk(host, toolsThatLog(log), [PAY_1, first, second], {
        options: { references: true },
      });
      expect((await desk.start()).toSorted()).toEqual(["b?", "paid 1?"]);
      expect(await desk.answer({ "paid 1?": "yes" })).toEqual(["b?"]);
      expect(log.splice(0)).toEqual(["pay 1", "paid 1: yes"]);
      // Another call, which gives the same.
      await desk.editCalls([{ ...PAY_1, args: { n: "1" } }, first, second]);
      expect((await desk.goOn()).toSorted()).toEqual(["b?", "paid 1?"]);
      expect(await desk.answer({ "paid 1?": "no" })).toEqual(["b?"]);
      expect(log.splice(0)).toEqual(["pay 1", "paid 1: no"]);
      expect(await desk.say("maybe")).toEqual([]);
      expect(desk.answers).toContain("2: said no");
    });

    test("a question that is put anew stays open after one more edit, though it had an answer before both", async () => {
      const log: string[] = [];
      const first = { ...ASK, args: { what: "$1" } };
      const second = callOf("4", "ask", { what: "b" });
      const desk = new Desk(host, toolsThatLog(log), [PAY_1, first, second], {
        options: { references: true },
      });
      await desk.start();
      expect(await desk.answer({ "paid 1?": "yes" })).toEqual(["b?"]);
      const edited = { ...PAY_1, args: { n: "1" } };
      await desk.editCalls([edited, first, second]);
      expect((await desk.goOn()).toSorted()).toEqual(["b?", "paid 1?"]);
      log.length = 0;
      await desk.editCalls([edited, first, { ...second, args: { what: "c" } }]);
      expect((await desk.goOn()).toSorted()).toEqual(["c?", "paid 1?"]);
      expect(await desk.answer({ "paid 1?": "no" })).toEqual(["c?"]);
      expect(log).toEqual(["paid 1: no"]);
      expect(await desk.say("maybe")).toEqual([]);
      expect(desk.answers).toContain("2: said no");
    });
  },
);

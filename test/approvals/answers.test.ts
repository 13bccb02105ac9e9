import { tool } from "@langchain/core/tools";
import { interrupt } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { settle } from "../support/fake-clock.js";
import { callOf } from "../support/messages.js";
import { asksOneByOne, Desk, HOSTS } from "./desk.js";

const what = z.object({ what: z.string() });

/** A tool that asks before it pays, and what it has done. */
function payments() {
  const paid: string[] = [];
  const pay = tool(
    ({ what: whom }) => {
      const said: string = interrupt(`pay ${whom}?`);
      if (said === "yes") paid.push(whom);
      return `${whom}: ${said}`;
    },
    { name: "pay", description: "Pays.", schema: what },
  );
  return { paid, pay };
}

const TWO = [
  callOf("1", "pay", { what: "mallory" }),
  callOf("2", "pay", { what: "bob" }),
];

describe.each(HOSTS)("in $name,", (host) => {
  test("a no by id stays a no, and a yes by id is for its call", async () => {
    const { paid, pay } = payments();
    const desk = new Desk(host, [pay], TWO);
    const will = { "pay mallory?": "no", "pay bob?": "yes" };
    const ids: string[] = [];
    const shown: string[][] = [await desk.start()];
    while (desk.open.length > 0 && shown.length < 9) {
      ids.push(...desk.open.map(({ id }) => String(id)));
      const open = desk.open.map(({ value }) => value as keyof typeof will);
      shown.push(
        await desk.answer(Object.fromEntries(open.map((q) => [q, will[q]]))),
      );
    }
    expect(paid).toEqual(["bob"]);
    expect(desk.answers).toEqual(["1: mallory: no", "2: bob: yes"]);
    expect(new Set(ids).size).toBe(2);
    expect(shown).toEqual(
      asksOneByOne(host)
        ? [["pay mallory?"], ["pay bob?"], []]
        : [["pay mallory?", "pay bob?"], []],
    );
  });

  test("a plain answer is for what was open, and for nothing else", async () => {
    const { paid, pay } = payments();
    const login = tool(() => `login: ${interrupt("log in?")}`, {
      name: "login",
      description: "Logs in.",
      schema: z.object({}),
    });
    const calls = [callOf("0", "login"), ...TWO];
    const policies = { pay: { after: ["login"] } };
    const desk = new Desk(host, [login, pay], calls, { options: { policies } });
    expect(await desk.start()).toEqual(["log in?"]);
    const open = await desk.say("yes");
    const both = ["pay mallory?", "pay bob?"];
    expect(open).toEqual(asksOneByOne(host) ? ["pay mallory?"] : both);
    expect(await desk.goOn()).toEqual(open);
    expect(await desk.answer({ ["f".repeat(32)]: "yes" })).toEqual(open);
    expect(paid).toEqual([]);
    expect(await desk.answer({ "pay mallory?": "no" })).toEqual(["pay bob?"]);
    expect(await desk.goOn()).toEqual(["pay bob?"]);
    expect(paid).toEqual([]);
    expect(await desk.say("yes")).toEqual([]);
    expect(paid).toEqual(["bob"]);
    expect(desk.answers).toEqual([
      "0: login: yes",
      "1: mallory: no",
      "2: bob: yes",
    ]);
  });

  test("an answer that is sent again is not taken for the next question", async () => {
    const wire = tool(
      () => {
        const amount: string = interrupt("how much?");
        const sure: string = interrupt(`really ${amount}?`);
        return `${amount}, ${sure}`;
      },
      { name: "wire", description: "Wires.", schema: z.object({}) },
    );
    const calls = [callOf("1", "wire"), callOf("2", "pay", { what: "bob" })];
    const { paid, pay } = payments();
    const desk = new Desk(host, [wire, pay], calls);
    await desk.start();
    const id = desk.idOf("how much?");
    const open = asksOneByOne(host)
      ? ["really 100?"]
      : ["pay bob?", "really 100?"];
    for (const again of ["100", "100", "yes"]) {
      const left = await desk.answer({ [id]: again });
      expect(left.toSorted()).toEqual(open);
    }
    expect(await desk.answer({ "really 100?": "no" })).toEqual(["pay bob?"]);
    expect(await desk.answer({ "pay bob?": "yes" })).toEqual([]);
    expect(desk.answers).toEqual(["1: 100, no", "2: bob: yes"]);
    expect(paid).toEqual(["bob"]);
  });

  test("who is faster changes nothing", async () => {
    const turns = { a: 4, b: 0 };
    const slow = tool(
      async ({ what: name }) => {
        for (let turn = 0; turn < turns[name as "a" | "b"]; turn += 1) {
          await settle();
        }
        const first: string = interrupt(`${name} first?`);
        const second: string = interrupt(`${name} second?`);
        return `${first} ${second}`;
      },
      { name: "slow", description: "Asks twice.", schema: what },
    );
    const calls = [
      callOf("1", "slow", { what: "a" }),
      callOf("2", "slow", { what: "b" }),
    ];
    const desk = new Desk(host, [slow], calls);
    const shown = new Set(await desk.start());
    let most = 0;
    for (let run = 0; desk.open.length > 0 && run < 9; run += 1) {
      [turns.a, turns.b] = [turns.b, turns.a];
      const first = desk.open.at(-1)?.value as string;
      const open = await desk.answer({ [first]: `for ${first}` });
      most = Math.max(most, open.length);
      for (const question of open) shown.add(question);
    }
    expect(desk.answers).toEqual([
      "1: for a first? for a second?",
      "2: for b first? for b second?",
    ]);
    expect(shown.size).toBe(4);
    expect(most).toBe(asksOneByOne(host) ? 1 : 2);
  });

  test.each(["sync", "async", "exit"] as const)(
    "plain answers one after the other reach the end (durability %s)",
    async (durability) => {
      const { paid, pay } = payments();
      const options = {
        policies: { pay: { sequential: true } },
        arrivalTimeoutMs: 50,
      };
      const desk = new Desk(host, [pay], TWO, { durability, options });
      expect(await desk.start()).toEqual(["pay mallory?"]);
      expect(await desk.say("no")).toEqual(["pay bob?"]);
      expect(await desk.goOn()).toEqual(["pay bob?"]);
      expect(await desk.say("yes")).toEqual([]);
      expect(paid).toEqual(["bob"]);
      expect(desk.answers).toEqual(["1: mallory: no", "2: bob: yes"]);
    },
  );
});

import assert from "node:assert/strict";
import { tool } from "@langchain/core/tools";
import { interrupt } from "@langchain/langgraph";
import { z } from "zod";
import { asksOneByOne, Desk, HOSTS } from "../../approvals/desk.js";
import { callOf } from "../../support/messages.js";
import { check } from "./check.js";

/** A tool that asks before it pays, and whom it has paid. */
function payments() {
  const paid: string[] = [];
  const pay = tool(
    ({ whom }) => {
      const said: string = interrupt(`pay ${whom}?`);
      if (said === "yes") paid.push(whom);
      return `${whom}: ${said}`;
    },
    {
      name: "pay",
      description: "Pays.",
      schema: z.object({ whom: z.string() }),
    },
  );
  return { paid, pay };
}

const login = tool(() => `login: ${interrupt("log in?")}`, {
  name: "login",
  description: "Logs in.",
  schema: z.object({}),
});

const TWO = [
  callOf("1", "pay", { whom: "mallory" }),
  callOf("2", "pay", { whom: "bob" }),
];
const BOTH = ["pay mallory?", "pay bob?"];

for (const host of HOSTS.filter(({ isInside }) => !isInside)) {
  check(
    `${host.name}: a no stays a no, and a yes is for the call that asked`,
    async () => {
      const { paid, pay } = payments();
      const desk = new Desk(host, [pay], TWO);
      const will: Record<string, string> = {
        "pay mallory?": "no",
        "pay bob?": "yes",
      };
      const shown: string[][] = [await desk.start()];
      while (desk.open.length > 0 && shown.length < 5) {
        // The last that is open first.
        const question = String(desk.open.at(-1)?.value);
        shown.push(await desk.answer({ [question]: will[question] }));
      }
      assert.deepEqual(paid, ["bob"]);
      assert.deepEqual(desk.answers, ["1: mallory: no", "2: bob: yes"]);
      assert.deepEqual(
        shown,
        asksOneByOne(host)
          ? [["pay mallory?"], ["pay bob?"], []]
          : [BOTH, ["pay mallory?"], []],
      );
    },
  );

  check(
    `${host.name}: a plain answer is for what was open, and not for what is asked later`,
    async () => {
      const { paid, pay } = payments();
      const policies = { pay: { after: ["login"] } };
      const calls = [callOf("0", "login"), ...TWO];
      const desk = new Desk(host, [login, pay], calls, {
        options: { policies },
      });
      assert.deepEqual(await desk.start(), ["log in?"]);
      const open = await desk.say("yes");
      assert.deepEqual(open, asksOneByOne(host) ? ["pay mallory?"] : BOTH);
      assert.deepEqual(await desk.goOn(), open);
      assert.deepEqual(paid, []);
      assert.deepEqual(await desk.answer({ "pay mallory?": "no" }), [
        "pay bob?",
      ]);
      assert.deepEqual(await desk.say("yes"), []);
      assert.deepEqual(paid, ["bob"]);
      assert.deepEqual(desk.answers, [
        "0: login: yes",
        "1: mallory: no",
        "2: bob: yes",
      ]);
    },
  );
}

import { tool } from "@langchain/core/tools";
import {
  Command,
  INTERRUPT,
  interrupt,
  isInterrupted,
  MemorySaver,
} from "@langchain/langgraph";
import { type ParallelToolNodeOptions, write } from "parallel-tools-node";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { settle } from "../support/fake-clock.js";
import {
  createAgent,
  type Host,
  HOSTS,
  sendsCalls,
  SENDING_HOSTS,
  WHOLE_MESSAGE_HOSTS,
} from "./support/agents.js";
import { createGate } from "./support/gates.js";
import type { ScriptedCall } from "./support/model-server.js";
import { useModelServer } from "./support/use-model-server.js";

const INPUT = { messages: [{ role: "user", content: "Go." }] };
const CONFIG = { configurable: { thread_id: "thread" } };
const schema = z.object({ what: z.string() });

const server = useModelServer();

/** An agent that asks a human and pays, and a log of what it did. */
function createDesk(
  host: Host,
  calls: readonly ScriptedCall[],
  options: ParallelToolNodeOptions = {},
) {
  const log: string[] = [];
  const asked = createGate();
  const ask = tool(
    async ({ what }) => {
      log.push(`ask ${what}`);
      asked.open();
      const said: string = interrupt(what);
      log.push(`${what}: ${said}`);
      return `${what}: ${said}`;
    },
    { name: "ask", description: "Asks a human.", schema },
  );
  const pay = tool(
    async ({ what }) => {
      log.push(`pay ${what}`);
      await asked.opened;
      // The interrupt is on its way out of the node before this call ends.
      for (let turn = 0; turn < 5; turn += 1) await settle();
      log.push(`paid ${what}`);
      return `paid ${what}`;
    },
    { name: "pay", description: "Pays.", schema },
  );
  const script = server.script([calls, "Done."]);
  const agent = createAgent(
    host,
    script.model,
    [ask, pay],
    options,
    new MemorySaver(),
  );
  return {
    log,
    script,
    /** Runs up to the next interrupts; none: to the end. */
    async run(input: typeof INPUT | Command) {
      const state: unknown = await agent.invoke(input as typeof INPUT, CONFIG);
      log.push("returned");
      return isInterrupted<string>(state) ? state[INTERRUPT] : [];
    },
    async pending() {
      const { tasks } = await agent.getState(CONFIG);
      return tasks.flatMap(({ interrupts }) => interrupts);
    },
  };
}

const call = (id: string, name: string, what: string) => ({
  id,
  name,
  args: { what },
});

describe.each(HOSTS)("in %s,", (host) => {
  test("an interrupt surfaces when the calls beside it have ended, and its answer resumes the run", async () => {
    const calls = [call("1", "pay", "rent"), call("2", "ask", "flowers?")];
    const desk = createDesk(host, calls);

    const interrupts = await desk.run(INPUT);

    expect(interrupts.map(({ value }) => value)).toEqual(["flowers?"]);
    expect(desk.log).toEqual([
      "pay rent",
      "ask flowers?",
      "paid rent",
      "returned",
    ]);
    desk.log.length = 0;

    const more = await desk.run(new Command({ resume: "roses" }));

    expect(more).toEqual([]);
    expect(desk.script.answers(1)).toEqual([
      { id: "1", content: "paid rent" },
      { id: "2", content: "flowers?: roses" },
    ]);
    // One task per message runs as a whole again; one task per call does not.
    const again = sendsCalls(host) ? [] : ["pay rent", "paid rent"];
    expect(desk.log.filter((entry) => entry.startsWith("pa"))).toEqual(again);
    expect(desk.log).toContain("ask flowers?");
  });

  test("two interrupts of one message surface together where each is of a task, with the state of the thread agreeing", async () => {
    const calls = [
      call("1", "ask", "name?"),
      call("2", "pay", "rent"),
      call("3", "ask", "age?"),
    ];
    const desk = createDesk(host, calls);

    const interrupts = await desk.run(INPUT);

    expect(interrupts.map(({ value }) => value)).toEqual(
      sendsCalls(host) ? ["name?", "age?"] : ["name?"],
    );
    expect(await desk.pending()).toEqual(interrupts);
  });
});

test.each(SENDING_HOSTS)(
  "in %s with a task per call, two interrupts have ids of their own and are answered together",
  async (host) => {
    const calls = [call("1", "ask", "name?"), call("2", "ask", "age?")];
    const desk = createDesk(host, calls);

    const [name, age] = await desk.run(INPUT);
    const resume = { [String(name?.id)]: "Ada", [String(age?.id)]: "36" };
    const more = await desk.run(new Command({ resume }));

    expect(more).toEqual([]);
    expect(desk.script.answers(1)).toEqual([
      { id: "1", content: "name?: Ada" },
      { id: "2", content: "age?: 36" },
    ]);
  },
);

describe.each(WHOLE_MESSAGE_HOSTS)("in %s, a task per message,", (host) => {
  test("two interrupts are answered one after the other, in the order in which they surfaced", async () => {
    const calls = [
      call("1", "ask", "name?"),
      call("2", "pay", "rent"),
      call("3", "ask", "age?"),
    ];
    const desk = createDesk(host, calls);

    await desk.run(INPUT);
    const left = await desk.run(new Command({ resume: "Ada" }));
    const none = await desk.run(new Command({ resume: "36" }));

    expect(left.map(({ value }) => value)).toEqual(["age?"]);
    expect(none).toEqual([]);
    expect(desk.script.answers(1)).toEqual([
      { id: "1", content: "name?: Ada" },
      { id: "2", content: "paid rent" },
      { id: "3", content: "age?: 36" },
    ]);
    expect(desk.log.filter((entry) => entry === "paid rent")).toHaveLength(3);
  });

  test("calls behind a cap don't start before the interrupt is answered", async () => {
    const calls = [call("1", "ask", "how much?"), call("2", "pay", "rent")];
    const desk = createDesk(host, calls, { maxConcurrency: 1 });

    await desk.run(INPUT);
    for (let turn = 0; turn < 5; turn += 1) await settle();
    expect(desk.log).toEqual(["ask how much?", "returned"]);
  });
});

describe.each(HOSTS)("in %s,", (host) => {
  test.each([
    {
      why: "behind a conflict",
      options: { defaultPolicy: { access: [write("account")] } },
    },
    { why: "behind a barrier", options: { sequential: true } },
    {
      why: "behind their order",
      options: { policies: { pay: { after: ["ask"] } } },
    },
  ])(
    "calls $why don't start before the interrupt is answered",
    async ({ options }) => {
      const calls = [call("1", "ask", "how much?"), call("2", "pay", "rent")];
      const desk = createDesk(host, calls, options);

      await desk.run(INPUT);
      for (let turn = 0; turn < 5; turn += 1) await settle();
      expect(desk.log).toEqual(["ask how much?", "returned"]);
      desk.log.length = 0;

      await desk.run(new Command({ resume: "9" }));
      expect(desk.log).toEqual([
        "ask how much?",
        "how much?: 9",
        "pay rent",
        "paid rent",
        "returned",
      ]);
      expect(desk.script.answers(1)).toEqual([
        { id: "1", content: "how much?: 9" },
        { id: "2", content: "paid rent" },
      ]);
    },
  );
});

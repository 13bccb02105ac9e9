import { MemorySaver } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { waitedForFailed } from "@/answers/not-run.js";
import { callOf } from "../support/messages.js";
import { Notes } from "./support/notes.js";
import { ScriptedAgent, VERSIONS } from "./support/scripted-agent.js";

/** Pays, asks, and uses what both have said. */
const CALLS = [
  callOf("1", "pay"),
  callOf("2", "ask"),
  callOf("3", "use", { paid: "$1", said: "$2" }),
];
const ANSWERS = ["1 ok: pay done", "2 ok: said yes", "3 ok: use done"];

/** An agent as each process makes one of its own. */
function start(
  checkpointer: MemorySaver,
  version: "v1" | "v2",
  calls = CALLS,
  options: object = { references: true },
) {
  const notes = new Notes();
  const tools = [
    ...notes.tools("pay", "use"),
    notes.asking(),
    notes.asking("ask_more"),
  ];
  const agent = new ScriptedAgent(tools, [calls], {
    version,
    checkpointer,
    options: { ...options, arrivalTimeoutMs: 1e9 },
  });
  return { agent, notes };
}

describe.each(VERSIONS)("createAgent %s", (version) => {
  describe.each(["in the same process", "in a new process"])(
    "resumed %s",
    (where) => {
      const isNew = where === "in a new process";

      test("runs what waited for the interrupted call, with all that it needs", async () => {
        const checkpointer = new MemorySaver();
        const first = start(checkpointer, version);
        const paused = await first.agent.run();
        expect(paused.interrupts.map(({ value }) => value)).toEqual(["ask?"]);
        expect(first.notes.log).not.toContain("use");

        const second = isNew ? start(checkpointer, version) : first;
        second.notes.log.length = 0;
        const { answers, interrupts } = await second.agent.run("yes");
        expect(interrupts).toEqual([]);
        expect(answers).toEqual(ANSWERS);
        expect(second.notes.log).toContain(
          'use {"paid":"pay done","said":"said yes"}',
        );
        // One task per call: what has ended is not run again.
        expect(second.notes.log.includes("pay")).toBe(version === "v1");
      });

      test("keeps the order of a chain that was cut in the middle", async () => {
        const checkpointer = new MemorySaver();
        const calls = [
          callOf("1", "pay"),
          callOf("2", "ask"),
          callOf("3", "use"),
          callOf("4", "ask_more"),
        ];
        const options = { sequential: true };
        const first = start(checkpointer, version, calls, options);
        await first.agent.run();
        expect(first.notes.log).toEqual(["pay", "pay end", "ask"]);

        const second = isNew
          ? start(checkpointer, version, calls, options)
          : first;
        const more = await second.agent.run("yes");
        expect(more.interrupts.map(({ value }) => value)).toEqual([
          "ask_more?",
        ]);
        const third = isNew
          ? start(checkpointer, version, calls, options)
          : first;
        const { answers } = await third.agent.run("no");
        expect(answers).toEqual([
          "1 ok: pay done",
          "2 ok: said yes",
          "3 ok: use done",
          "4 ok: said no",
        ]);
        const ran = (name: string) =>
          [first, ...(isNew ? [second, third] : [])]
            .flatMap(({ notes }) => notes.log)
            .filter((entry) => entry === `${name} end`).length;
        // In one task, what had ended is run again.
        expect(["pay", "ask", "use", "ask_more"].map(ran)).toEqual(
          version === "v2" ? [1, 1, 1, 1] : [3, 2, 2, 1],
        );
      });
    },
  );

  test("shows no interrupts of calls that wait for others, and one at a time of one task", async () => {
    const calls = [
      callOf("1", "ask"),
      callOf("2", "ask_more"),
      callOf("3", "use", { said: "$1" }),
      callOf("4", "use", { said: "$2" }),
    ];
    const { agent, notes } = start(new MemorySaver(), version, calls);
    const { interrupts } = await agent.run();
    expect(interrupts.map(({ value }) => value)).toEqual(
      version === "v2" ? ["ask?", "ask_more?"] : ["ask?"],
    );
    expect(notes.log.toSorted()).toEqual(["ask", "ask_more"]);
  });
});

test("interrupts of calls that are tasks are answered by their ids, in any order", async () => {
  const calls = [
    callOf("1", "ask"),
    callOf("2", "ask_more"),
    callOf("3", "use", { a: "$1", b: "$2" }),
  ];
  const { agent, notes } = start(new MemorySaver(), "v2", calls);
  const { interrupts } = await agent.run();
  const [one, two] = interrupts.map(({ id }) => String(id));
  const left = await agent.run({ [two as string]: "second" });
  expect(left.interrupts.map(({ value }) => value)).toEqual(["ask?"]);
  expect(notes.log).not.toContain("use");
  const { answers } = await agent.run({ [one as string]: "first" });
  expect(answers).toEqual([
    "1 ok: said first",
    "2 ok: said second",
    "3 ok: use done",
  ]);
  expect(notes.log).toContain('use {"a":"said first","b":"said second"}');
});

test("a call that failed before the pause still skips those that wait for it", async () => {
  const checkpointer = new MemorySaver();
  const make = () => {
    const notes = new Notes();
    const broken = notes.tool("pay", () => {
      throw new Error("no funds");
    });
    return new ScriptedAgent(
      [broken, notes.asking(), notes.tool("use")],
      [[callOf("1", "pay"), callOf("2", "ask"), callOf("3", "use")]],
      {
        checkpointer,
        options: { policies: { use: { after: ["pay", "ask"] } } },
      },
    );
  };
  await make().run();
  const { answers } = await make().run("yes");
  expect(answers).toEqual([
    "1 error: Error: no funds\n Please fix your mistakes.",
    "2 ok: said yes",
    `3 error: ${waitedForFailed({ ordinal: 1, name: "pay" })}`,
  ]);
});

import assert from "node:assert/strict";
import { HumanMessage } from "@langchain/core/messages";
import {
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { createMiddleware } from "langchain";
import { ParallelToolNode } from "parallel-tools-node";
import { Desk, HOSTS } from "../../approvals/desk.js";
import { Notes } from "../../middleware/support/notes.js";
import { ask, callOf } from "../../support/messages.js";
import { check } from "./check.js";

const CALLS = [
  callOf("1", "pay"),
  callOf("2", "broken"),
  callOf("3", "ask"),
  callOf("4", "use", { paid: "$1", said: "$3" }),
];

/** In a new process: nothing but the checkpointer is the same. */
function open(
  host: (typeof HOSTS)[number],
  checkpointer: MemorySaver,
  setup: { readonly before?: ReturnType<typeof createMiddleware>[] } = {},
) {
  const notes = new Notes();
  const tools = [
    ...notes.tools("pay", "use"),
    notes.failing("broken"),
    notes.asking(),
  ];
  // Of all hosts but the node by itself errors are answered by default.
  const options = { references: true, handleToolErrors: true };
  const desk = new Desk(host, tools, CALLS, {
    checkpointer,
    options,
    ...setup,
  });
  return { desk, notes };
}

async function pauseAndGoOn(
  host: (typeof HOSTS)[number],
  setup: Parameters<typeof open>[2] = {},
) {
  const saver = new MemorySaver();
  const first = open(host, saver, setup);
  assert.deepEqual(await first.desk.start(), ["ask?"]);
  assert.equal(first.notes.log.includes("pay end"), true);
  assert.equal(first.notes.log.includes("broken"), true);

  const second = open(host, saver, setup);
  assert.deepEqual(await second.desk.say("yes"), []);
  const [paid, broken, said, used] = second.desk.answers;
  assert.deepEqual(
    [paid, said, used],
    ["1: pay done", "3: said yes", "4: use done"],
  );
  assert.match(String(broken), /^2: Error: broken is broken/);
  assert.deepEqual(second.notes.log, [
    "ask",
    "ask end",
    'use {"paid":"pay done","said":"said yes"}',
    "use end",
  ]);
}

for (const host of HOSTS.filter((one) => one.durable && !one.isInside)) {
  check(
    `${host.name}: what has ended is not run again after an interrupt, and its output is there`,
    () => pauseAndGoOn(host),
  );
}

for (const host of HOSTS.filter(
  (one) => one.durable && one.base.startsWith("agent"),
)) {
  check(`${host.name}: that holds with another middleware in front`, () =>
    pauseAndGoOn(host, {
      before: [
        createMiddleware({
          name: "front",
          wrapToolCall: async (request, handler) => {
            await Promise.resolve();
            return handler(request);
          },
          wrapModelCall: (request, handler) => handler(request),
        }),
      ],
    }),
  );
}

check(
  "node, durable: a call that has failed runs again with its run, others don't",
  async () => {
    const saver = new MemorySaver();
    const notes = new Notes();
    let isDown = true;
    const flaky = notes.tool("flaky", () => {
      if (isDown) throw new Error("down");
      return "up";
    });
    const build = () =>
      new StateGraph(MessagesAnnotation)
        .addNode(
          "tools",
          new ParallelToolNode([...notes.tools("pay"), flaky], {
            durable: true,
            handleToolErrors: false,
            policies: { flaky: { after: ["pay"] } },
          }),
        )
        .addEdge(START, "tools")
        .compile({ checkpointer: saver });
    const config = { configurable: { thread_id: "t" } };
    const input = [
      new HumanMessage("Go."),
      ask(callOf("1", "pay"), callOf("2", "flaky")),
    ];
    await assert.rejects(build().invoke({ messages: input }, config), /down/);
    isDown = false;
    notes.log.length = 0;
    const { messages } = await build().invoke(null, config);
    assert.deepEqual(
      messages.slice(2).map(({ text }) => text),
      ["pay done", "up"],
    );
    assert.deepEqual(notes.log, ["flaky", "flaky end"]);
  },
);

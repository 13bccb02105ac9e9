import {
  type AIMessage,
  type BaseMessage,
  isAIMessage,
} from "@langchain/core/messages";
import { MemorySaver } from "@langchain/langgraph";
import {
  createMiddleware,
  humanInTheLoopMiddleware,
  toolStrategy,
} from "langchain";
import { write } from "parallel-tools-node";
import { afterEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { callOf } from "../support/messages.js";
import { Notes } from "./support/notes.js";
import {
  type AgentSetup,
  ScriptedAgent,
  VERSIONS,
} from "./support/scripted-agent.js";

afterEach(() => vi.restoreAllMocks());

/** Reviews `make` and `pay`, which then stand behind all others in the message. */
const human = () =>
  humanInTheLoopMiddleware({
    interruptOn: { make: true, pay: true },
  } as never) as never;

const approve = { type: "approve" };
const editTo = (name: string, args: object) => ({
  type: "edit",
  editedAction: { name, args },
});

/** Tools that give `{ id: "<name> 1" }`, and `ask`, which asks a human. */
function setUp() {
  const notes = new Notes();
  const tools = ["make", "find", "pay", "last"].map((name) =>
    notes.tool(name, () => ({ id: `${name} 1` })),
  );
  return { notes, tools: [...tools, notes.asking()] };
}

/** What the tools did after a human has decided. */
async function run(
  calls: readonly ReturnType<typeof callOf>[],
  decisions: readonly object[],
  setup: AgentSetup,
) {
  const { notes, tools } = setUp();
  const agent = new ScriptedAgent(tools, [calls], {
    checkpointer: new MemorySaver(),
    after: [human()],
    ...setup,
  });
  await agent.run();
  const end = await agent.run({ decisions });
  return { agent, log: notes.log, ...end };
}

const starts = (log: readonly string[]) =>
  log.filter((line) => !line.endsWith(" end"));

/** The ids of the calls of a message that a model writes. */
const IDS: Record<string, readonly (string | undefined)[]> = {
  "ids of their own": ["1", "2", "3"],
  "one id": ["same", "same", "same"],
  "empty ids": ["", "", ""],
};

describe.each(VERSIONS)(
  "in createAgent %s, after a human's review,",
  (version) => {
    describe.each(Object.entries(IDS))("of calls with %s,", (_, ids) => {
      const calls = [
        callOf(ids[0], "make"),
        callOf(ids[1], "find"),
        callOf(ids[2], "pay", { id: "$1.id" }),
      ];

      test("a reference names the call that the model meant", async () => {
        const options = { references: true };
        const setup = { version, options };
        const { log } = await run(calls, [approve, approve], setup);
        expect(log).toContain('pay {"id":"make 1"}');
      });

      test("a reference names that call when it was edited", async () => {
        const options = { references: true };
        const edit = editTo("make", { n: 5 });
        const setup = { version, options };
        const { log } = await run(calls, [edit, approve], setup);
        expect(starts(log).toSorted()).toEqual([
          "find",
          'make {"n":5}',
          'pay {"id":"make 1"}',
        ]);
      });

      test("calls that share a key run in the order that the model wrote", async () => {
        const options = { defaultPolicy: { access: [write("ledger")] } };
        const setup = { version, options };
        const { log } = await run(calls, [approve, approve], setup);
        expect(log).toEqual([
          "make",
          "make end",
          "find",
          "find end",
          'pay {"id":"$1.id"}',
          "pay end",
        ]);
      });

      test("a barrier comes where the model wrote it", async () => {
        const options = { policies: { make: { sequential: true } } } as const;
        const setup = { version, options };
        const { log } = await run(calls, [approve, approve], setup);
        expect(log.slice(0, 2)).toEqual(["make", "make end"]);
      });

      test("a call that may change the plan defers those that the model wrote after it", async () => {
        const options = {
          policies: { make: { sequential: "replan" } },
        } as const;
        const setup = { version, options };
        const { log, answers } = await run(calls, [approve, approve], setup);
        expect(log).toEqual(["make", "make end"]);
        expect(
          answers.filter((answer) => /call 1 \(make\)/.test(answer)),
        ).toHaveLength(2);
      });

      test("a limit for the calls of a message lets those run that the model wrote first", async () => {
        const setup = { version, options: { maxCalls: 1 } };
        const { log } = await run(calls, [approve, approve], setup);
        expect(log).toEqual(["make", "make end"]);
      });
    });

    const CALLS = [
      callOf("1", "make"),
      callOf("2", "find"),
      callOf("3", "pay", { id: "$1.id" }),
    ];

    test("answers stand in the order of the changed message, as they do without us", async () => {
      const options = { references: true };
      const ours = await run(CALLS, [approve, approve], { version, options });
      const stock = await run(CALLS, [approve, approve], {
        version,
        options: "none",
      });
      const ids = (answers: readonly string[]) =>
        answers.map((answer) => answer.slice(0, 1));
      expect(ids(ours.answers)).toEqual(ids(stock.answers));
      expect(ids(ours.answers)).toEqual(["2", "1", "3"]);
    });

    test("calls that a human has rejected end the turn as they do without us", async () => {
      const decisions = [{ type: "reject", message: "no" }, approve];
      const options = { references: true };
      const ours = await run(CALLS, decisions, { version, options });
      const stock = await run(CALLS, decisions, { version, options: "none" });
      expect(ours.log).toEqual(stock.log);
      expect(ours.answers).toEqual(stock.answers);
    });

    test("a reference holds when a tool pauses the run once more", async () => {
      const { notes, tools } = setUp();
      const calls = [
        callOf("1", "make"),
        callOf("2", "ask"),
        callOf("3", "pay", { id: "$1.id", said: "$2" }),
      ];
      const agent = new ScriptedAgent(tools, [calls], {
        version,
        options: { references: true },
        checkpointer: new MemorySaver(),
        after: [human()],
      });
      await agent.run();
      const { interrupts } = await agent.run({ decisions: [approve, approve] });
      expect(interrupts.map(({ value }) => value)).toEqual(["ask?"]);
      await agent.run("yes");
      expect(notes.log).toContain('pay {"id":"make 1","said":"said yes"}');
    });

    /** Middleware that changes the calls of the model's message before they run. */
    const changing = (change: (message: AIMessage) => AIMessage) =>
      createMiddleware({
        name: "Changing",
        afterModel: ({ messages }) => {
          const message = messages.at(-1);
          if (!message || !isAIMessage(message)) return undefined;
          if (!message.tool_calls?.length) return undefined;
          return { messages: [change(message)] };
        },
      });

    test("a reference to a call that was taken out is an error that says so", async () => {
      const { notes, tools } = setUp();
      const takeOut = changing((message) => {
        message.tool_calls = message.tool_calls!.filter(({ id }) => id !== "1");
        return message;
      });
      const agent = new ScriptedAgent(tools, [CALLS], {
        version,
        options: { references: true },
        after: [takeOut],
      });
      const { answers } = await agent.run();
      expect(notes.log).toEqual(["find", "find end"]);
      expect(answers).toContain(
        '3 error: Not run: the reference "$1.id" points to call 1, which was taken out of the message and is not run. Valid would have been: $2 (find). Make this call again with the value itself.',
      );
    });

    test("every reference is an error where other code has replaced the message", async () => {
      const { notes, tools } = setUp();
      const replace = changing((message) => {
        const copy = Object.assign(
          Object.create(Object.getPrototypeOf(message) as object),
          message,
        ) as AIMessage;
        copy.response_metadata = {};
        return copy;
      });
      const agent = new ScriptedAgent(tools, [CALLS], {
        version,
        options: { references: true },
        after: [replace],
      });
      const { answers } = await agent.run();
      expect(starts(notes.log).toSorted()).toEqual(["find", "make"]);
      expect(answers).toContain(
        '3 error: Not run: the reference "$1.id" can\'t be counted: calls of the message may have been put into another order before they were run. Make this call again with the value itself.',
      );
    });

    test("the order is noted on each message with several calls, and only with references", async () => {
      const note = (messages: readonly BaseMessage[]) =>
        messages
          .filter((message) => isAIMessage(message))
          .map((message) => message.response_metadata["parallel-tools-node"]);
      const turns = [CALLS, [callOf("4", "find")]];
      for (const references of [true, false]) {
        const { tools } = setUp();
        const options = { references };
        const agent = new ScriptedAgent(tools, turns, { version, options });
        const { messages } = await agent.run();
        const calls = CALLS.map(({ id, name }) => ({ id, name }));
        expect(note(messages)).toEqual([
          references ? { calls } : undefined,
          undefined,
          undefined,
        ]);
      }
    });

    test("the order is noted beside a structured response, too", async () => {
      const { tools } = setUp();
      const total = z.object({ total: z.number() }).meta({ title: "total" });
      const responseFormat = toolStrategy(total);
      const name = responseFormat[0]?.name ?? "";
      const calls = [callOf("1", "find"), callOf("2", name, { total: 3 })];
      const agent = new ScriptedAgent(tools, [calls], {
        version,
        options: { references: true },
        more: { responseFormat },
      });
      const { state, messages } = await agent.run();
      expect(state["structuredResponse"]).toEqual({ total: 3 });
      const asked = messages.find((message) => isAIMessage(message));
      expect(asked?.response_metadata["parallel-tools-node"]).toEqual({
        calls: calls.map(({ id, name }) => ({ id, name })),
      });
    });
  },
);

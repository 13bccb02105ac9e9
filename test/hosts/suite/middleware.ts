import assert from "node:assert/strict";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { MemorySaver } from "@langchain/langgraph";
import {
  createMiddleware,
  humanInTheLoopMiddleware,
  toolRetryMiddleware,
} from "langchain";
import { Notes } from "../../middleware/support/notes.js";
import {
  type AgentSetup,
  ScriptedAgent,
  VERSIONS,
} from "../../middleware/support/scripted-agent.js";
import { callOf } from "../../support/messages.js";
import { check } from "./check.js";

const CALLS = [callOf("1", "a"), callOf("2", "b"), callOf("3", "broken")];
const ORDER = { policies: { a: { after: ["b"] } } };

class Refused extends Error {
  override readonly name = "Refused";
  readonly status = 429;
}

class RefusedModel extends BaseChatModel {
  override _llmType(): string {
    return "refused";
  }
  override bindTools(): this {
    return this;
  }
  override _generate(): Promise<never> {
    return Promise.reject(new Refused("slow down"));
  }
}

function start(setup: AgentSetup, calls = CALLS) {
  const notes = new Notes();
  const tools = [...notes.tools("a", "b"), notes.failing("broken")];
  return { agent: new ScriptedAgent(tools, [calls], setup), notes };
}

/** Passes calls on, with an argument more. */
const marking = () =>
  createMiddleware({
    name: "marking",
    wrapToolCall: async (request, handler) => {
      await Promise.resolve();
      const { toolCall } = request;
      const args = { ...toolCall.args, marked: true };
      return handler({ ...request, toolCall: { ...toolCall, args } });
    },
  });

/** What came out, or what was thrown. */
async function endOf(setup: AgentSetup, calls = CALLS) {
  const { agent, notes } = start(setup, calls);
  try {
    const { answers } = await agent.run();
    return { answers, log: notes.log };
  } catch (error) {
    const { name, message } = error as Error;
    return { error: `${name}: ${message}` };
  }
}

for (const version of VERSIONS) {
  const on = `createAgent ${version}:`;

  const ALL = [...CALLS, callOf("4", "nobody")];
  check(
    `${on} without options it does what it did before`,
    async () => {
      const ours = await endOf({ version }, ALL);
      assert.deepEqual(ours, await endOf({ version, options: "none" }, ALL));
      assert.match(String(ours.answers?.[2]), /^3 error: /);
    },
    {
      below: { langchain: "1.5.14" },
      reason:
        'LangChain before 1.5.14 leaves `status: "error"` off its answer to a tool\'s error; ours has it.',
      instead: async () => {
        const ours = await endOf({ version }, ALL);
        const alone = await endOf({ version, options: "none" }, ALL);
        assert.match(String(alone.answers?.[2]), /^3 ok: Error: /);
        assert.match(String(ours.answers?.[2]), /^3 error: Error: /);
        const withoutStatus = (lines?: readonly string[]) =>
          lines?.map((line) => line.replace(/^(\d) \w+/, "$1"));
        assert.deepEqual(
          withoutStatus(ours.answers),
          withoutStatus(alone.answers),
        );
        assert.deepEqual(ours.log, alone.log);
      },
    },
  );

  check(`${on} another middleware in front may change arguments`, async () => {
    const { agent, notes } = start(
      { version, options: ORDER, before: [marking()] },
      CALLS.slice(0, 2),
    );
    const { answers } = await agent.run();
    assert.deepEqual(notes.log, [
      'b {"marked":true}',
      "b end",
      'a {"marked":true}',
      "a end",
    ]);
    assert.deepEqual(answers, ["1 ok: a done", "2 ok: b done"]);
  });

  check(
    `${on} with another middleware a tool's error ends the run, as without ours`,
    async () => {
      for (const place of ["before", "after"] as const) {
        const ours = await endOf({ version, [place]: [marking()] });
        const without = {
          version,
          options: "none",
          before: [marking()],
        } as const;
        assert.deepEqual(ours, await endOf(without));
        assert.match(String(ours.error), /broken is broken/);
      }
    },
  );

  check(
    `${on} toolRetryMiddleware behind it acts on the call's turn`,
    async () => {
      const retry = toolRetryMiddleware({
        maxRetries: 1,
        initialDelayMs: 0,
        jitter: false,
      });
      const options = { policies: { broken: { after: ["a"] } } };
      const { agent, notes } = start(
        { version, options, after: [retry as never] },
        [callOf("1", "broken"), callOf("2", "a")],
      );
      const { answers } = await agent.run();
      assert.deepEqual(notes.log, ["a", "a end", "broken", "broken"]);
      assert.match(String(answers[0]), /^1 error: /);
    },
  );

  check(`${on} an error of the model stays what it is`, async () => {
    const model = new RefusedModel({ maxRetries: 0 });
    const { agent } = start({ version, options: ORDER, more: { model } });
    await assert.rejects(
      agent.run(),
      (error) => error instanceof Refused && error.status === 429,
    );
  });

  check(
    `${on} what a human approves in humanInTheLoopMiddleware runs in order`,
    async () => {
      const { agent, notes } = start(reviewed(ORDER), CALLS.slice(0, 2));
      assert.equal((await agent.run()).interrupts.length, 1);
      const approve = { type: "approve" };
      const { answers } = await agent.run({ decisions: [approve, approve] });
      assert.deepEqual(notes.log, ["b", "b end", "a", "a end"]);
      assert.deepEqual(answers, ["1 ok: a done", "2 ok: b done"]);
    },
  );

  check(
    `${on} what a human rejects there ends as it does without ours`,
    async () => {
      const endWith = async (options: AgentSetup["options"] & {}) => {
        const { agent, notes } = start(reviewed(options), CALLS.slice(0, 2));
        await agent.run();
        const reject = { type: "reject", message: "not that" };
        const { answers } = await agent.run({
          decisions: [{ type: "approve" }, reject],
        });
        return { answers, log: notes.log };
      };
      const ours = await endWith(ORDER);
      assert.deepEqual(ours, await endWith("none"));
      assert.match(ours.answers.join(), /not that/);
      assert.equal(ours.log.includes("b"), false);
    },
  );

  /** A human is shown the calls before they run. */
  function reviewed(options: AgentSetup["options"] & {}): AgentSetup {
    const human = humanInTheLoopMiddleware({
      interruptOn: { a: true, b: true },
    } as never);
    const checkpointer = new MemorySaver();
    return { version, options, checkpointer, before: [human as never] };
  }
}

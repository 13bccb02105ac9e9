import assert from "node:assert/strict";
import type { ParallelToolsMiddlewareOptions } from "parallel-tools-node/middleware";
import { Notes } from "../../middleware/support/notes.js";
import {
  ScriptedAgent,
  VERSIONS,
} from "../../middleware/support/scripted-agent.js";
import { callOf } from "../../support/messages.js";
import { check } from "./check.js";

type Options = ParallelToolsMiddlewareOptions | "none";

/** The kinds of messages of a run in which the model asks for one message. */
async function kinds(
  version: (typeof VERSIONS)[number],
  names: readonly string[],
  options: Options,
) {
  const notes = new Notes();
  const [reply, fails] = [notes.tool("reply"), notes.failing("fails")];
  reply.returnDirect = true;
  fails.returnDirect = true;
  const tools = [notes.tool("look"), notes.failing("broken"), reply, fails];
  const calls = names.map((name, i) => callOf(String(i + 1), name));
  const agent = new ScriptedAgent(tools, [calls], { version, options });
  const { messages } = await agent.run();
  const kindsOf = messages.map((message) => message.getType()).join(" ");
  return { kinds: kindsOf, ran: notes.log.includes("reply") };
}

const ENDED = "human ai tool tool";
const ASKED_AGAIN = "human ai tool tool ai";

const fails = () => {
  throw new Error("no key");
};

/** Ways in which `reply` is not run. */
const NOT_RUN: Readonly<
  Record<string, [first: string, ParallelToolsMiddlewareOptions]>
> = {
  deferred: ["look", { sequential: "replan" }],
  skipped: ["broken", { policies: { reply: { after: ["broken"] } } }],
  "beyond `maxCalls`": ["look", { maxCalls: 1 }],
  "without a cost": ["look", { policies: { reply: { cost: fails } } }],
};

for (const version of VERSIONS) {
  const on = `createAgent ${version}: a \`returnDirect\` call`;

  check(`${on} ends the run as without ours, also when it fails`, async () => {
    const order = { policies: { reply: { after: ["look"] } } };
    for (const [names, expected] of [
      [["look", "reply"], ENDED],
      [["look", "fails"], undefined],
    ] as const) {
      const ours = await kinds(version, names, order);
      assert.deepEqual(ours, await kinds(version, names, "none"));
      if (expected !== undefined) assert.equal(ours.kinds, expected);
    }
  });

  for (const [how, [first, options]] of Object.entries(NOT_RUN)) {
    check(`${on} that is ${how} does not end the run`, async () => {
      const run = await kinds(version, [first, "reply"], options);
      assert.deepEqual(run, { kinds: ASKED_AGAIN, ran: false });
    });
  }

  const options = { policies: { reply: { access: fails } } };
  check(
    `${on} whose \`access\` throws does not end the run`,
    async () => {
      const run = await kinds(version, ["look", "reply"], options);
      assert.deepEqual(run, { kinds: ASKED_AGAIN, ran: false });
    },
    {
      below: { langchain: "1.5.14" },
      reason:
        "Ours leaves the tool's name in the answer to such a call, and LangChain before 1.5.14 ends the run by it.",
      instead: async () => {
        const run = await kinds(version, ["look", "reply"], options);
        assert.deepEqual(run, { kinds: ENDED, ran: false });
      },
    },
  );
}

import { MemorySaver } from "@langchain/langgraph";
import { createMiddleware, humanInTheLoopMiddleware } from "langchain";
import { describe, expect, test } from "vitest";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { callOf } from "../support/messages.js";
import { silenceWarnings } from "../support/silence-warnings.js";
import { Notes } from "./support/notes.js";
import {
  type AgentSetup,
  ScriptedAgent,
  VERSIONS,
} from "./support/scripted-agent.js";

const warn = silenceWarnings();
/** The warnings of a test so far. */
const warnings = () => warn.mock.calls.map(([text]) => text);

const MISSING =
  'parallel-tools-node: `humanInTheLoopMiddleware` stands in this agent, and `needsApproval` of `parallelToolsMiddleware` is missing. Name the tools there whose calls a human approves, e.g. `needsApproval: ["send_email"]`, or give `[]` if there are none: middleware can\'t see what another one gates.';

const asks = () =>
  humanInTheLoopMiddleware({ interruptOn: { send: true } } as never) as never;

describe.each(VERSIONS)("createAgent %s", (version) => {
  /** Two turns in which a human has nothing to approve. */
  const run = async (setup: AgentSetup) => {
    const turns = [
      [callOf("1", "search"), callOf("2", "search")],
      [callOf("3", "search")],
    ];
    const agent = new ScriptedAgent(
      new Notes().tools("search", "send"),
      turns,
      { version, checkpointer: new MemorySaver(), ...setup },
    );
    const { answers } = await agent.run();
    expect(answers).toHaveLength(3);
  };

  test.each([
    ["behind", { after: [asks()] }],
    ["in front of", { before: [asks()] }],
  ])(
    "tells once that it is missing, with the human %s it",
    async (_, setup) => {
      await run(setup);
      expect(warnings()).toEqual([MISSING]);
    },
  );

  test.each([[["send"]], [[]]])(
    "says nothing where it is %j",
    async (needsApproval) => {
      await run({ after: [asks()], options: { needsApproval } });
      expect(warnings()).toEqual([]);
    },
  );

  test("says nothing without such a middleware", async () => {
    const afterModel = createMiddleware({
      name: "other",
      afterModel: () => undefined,
    });
    await run({ after: [afterModel] });
    expect(warnings()).toEqual([]);
  });

  test("tells of the second agent that has the same middleware", async () => {
    const middleware = parallelToolsMiddleware();
    await run({ options: "none", before: [middleware] });
    expect(warnings()).toEqual([]);
    await run({ options: "none", before: [middleware, asks()] });
    expect(warnings()).toEqual([MISSING]);
  });

  test("changes nothing for a call that a human approves", async () => {
    const agent = new ScriptedAgent(
      new Notes().tools("send"),
      [[callOf("1", "send")]],
      {
        version,
        checkpointer: new MemorySaver(),
        after: [asks()],
        options: { needsApproval: ["send"] },
      },
    );
    const first = await agent.run();
    expect(first.answers).toEqual([]);
    expect(first.interrupts).toHaveLength(1);
    const { answers } = await agent.run({ decisions: [{ type: "approve" }] });
    expect(answers).toHaveLength(1);
    expect(warnings()).toEqual([]);
  });

  test("warns of a name that may be misspelt", async () => {
    await run({ options: { needsApproval: ["serch"] } });
    expect(warnings()).toEqual([
      "parallel-tools-node: `needsApproval` has `serch`, which no call has named so far, and nothing for `search`, which is called now. Correct the name if it is meant for `search`.",
    ]);
  });

  test("warns of a name that no tool has, where the model's tools are known", async () => {
    await run({ options: { needsApproval: ["mail"], references: true } });
    expect(warnings()).toEqual([
      "parallel-tools-node: `needsApproval` has `mail`, and the tools of the agent are `search`, `send`. Correct the name, unless the tool is added later.",
    ]);
  });
});

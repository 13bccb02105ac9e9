import { createMiddleware } from "langchain";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { describe, expect, test } from "vitest";
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

const policiesFor = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, { concurrency: 1 }]));

const warningOf = (policy: string, tool: string) =>
  `parallel-tools-node: \`policies\` has \`${policy}\`, which no call has named so far, and nothing for \`${tool}\`, which is called now. Correct the name if it is meant for \`${tool}\`.`;

const passing = createMiddleware({
  name: "passing",
  wrapToolCall: (request, handler) => handler(request),
});

describe.each(VERSIONS)("createAgent %s", (version) => {
  /** Calls tools one after the other. */
  const call = async (
    policies: readonly string[],
    tools: readonly string[],
    called: readonly string[] = tools,
    setup: AgentSetup = {},
  ) => {
    const turns = called.map((name, i) => [callOf(String(i), name)]);
    const agent = new ScriptedAgent(new Notes().tools(...tools), turns, {
      version,
      options: { policies: policiesFor(...policies) },
      ...setup,
    });
    await agent.run();
  };

  test.each([
    ["serch", "search"],
    ["serach", "search"],
    ["searches", "search"],
    ["esarch", "search"],
    ["Search", "search"],
    ["web-search", "web_search"],
    ["websearch", "web_search"],
    ["webSearch", "web_search"],
    ["get_wether", "get_weather"],
    ["ls_", "ls"],
  ])("warns of a policy for `%s` when `%s` is called", async (policy, tool) => {
    await call([policy], [tool]);
    expect(warnings()).toEqual([warningOf(policy, tool)]);
  });

  test("warns once of a name", async () => {
    await call(
      ["serch"],
      ["search", "searchh"],
      ["search", "search", "searchh"],
    );
    expect(warnings()).toEqual([warningOf("serch", "search")]);
  });

  test.each([
    [["search"], ["search"]],
    [["read_file"], ["read_files", "read_file"]],
    [["get_contract"], ["get_contact", "get_contract"]],
    [
      ["import_data", "set_user"],
      ["export_data", "import_data", "get_user", "set_user"],
    ],
    [["cat"], ["car"]],
    [["calculator"], ["search"]],
    [["step_2"], ["step_1", "step_2"]],
  ])(
    "says nothing of policies for %j where the tools are %j",
    async (...names) => {
      const [policies, tools] = names;
      await call(policies, tools);
      expect(warnings()).toEqual([]);
    },
  );

  test("says nothing of a tool that the model has not called yet", async () => {
    await call(
      ["get_contract"],
      ["get_contact", "get_contract"],
      ["get_contact"],
    );
    expect(warnings()).toEqual([]);
  });

  test("says nothing of names that the model has made up", async () => {
    await call(["search"], ["search"], ["serch"]);
    expect(warnings()).toEqual([]);
  });

  describe("with middleware behind ours, where no tool is known that wasn't called", () => {
    const setup = { after: [passing] };

    test.each([
      ["serch", "search"],
      ["Search", "search"],
      ["web-search", "web_search"],
    ])(
      "warns of a policy for `%s` when `%s` is called",
      async (policy, tool) => {
        await call([policy], [tool], [tool], setup);
        expect(warnings()).toEqual([warningOf(policy, tool)]);
      },
    );

    test.each([
      ["get_user", "set_user"],
      ["read_file", "read_files"],
      ["step_1", "step_2"],
      ["import_data", "export_data"],
      ["start_job", "restart_job"],
      ["list_cats", "list_cars"],
    ])(
      "says nothing of a policy for `%s` when `%s` is called",
      async (policy, tool) => {
        await call([policy], [tool, policy], [tool], setup);
        expect(warnings()).toEqual([]);
      },
    );

    test("says nothing of a name that another call of the message has", async () => {
      const calls = [callOf("1", "get_contact"), callOf("2", "get_contract")];
      const tools = new Notes().tools("get_contact", "get_contract");
      const agent = new ScriptedAgent(tools, [calls], {
        version,
        ...setup,
        options: { policies: policiesFor("get_contract") },
      });
      await agent.run();
      expect(warnings()).toEqual([]);
    });

    test("lets it see no call that nobody made", async () => {
      const seen: string[] = [];
      const watching = createMiddleware({
        name: "watching",
        wrapToolCall: (request, handler) => {
          seen.push(request.toolCall.name);
          return handler(request);
        },
      });
      await call(["serch"], ["search"], ["search"], { after: [watching] });
      expect(seen).toEqual(["search"]);
    });
  });

  test("with middleware in front of ours knows the tools, and shows it no call that nobody made", async () => {
    const seen: string[] = [];
    const watching = createMiddleware({
      name: "watching",
      wrapToolCall: (request, handler) => {
        seen.push(request.toolCall.name);
        return handler(request);
      },
    });
    const tools = ["get_contact", "get_contract"];
    await call(["get_contract"], tools, ["get_contact"], {
      before: [watching],
    });
    expect(warnings()).toEqual([]);
    expect(seen).toEqual(["get_contact"]);
  });

  test("with references checks all names when the model is first asked", async () => {
    const policies = policiesFor("weather", "search");
    const options = { policies, references: true };
    await call([], ["search"], [], { options });
    await call([], ["search"], ["search"], { options });
    expect(warnings()).toEqual(
      Array.from(
        { length: 2 },
        () =>
          "parallel-tools-node: `policies` has `weather`, and the tools of the agent are `search`. Correct the name, unless the tool is added later.",
      ),
    );
  });
});

test("one instance of ours in several agents knows the tools of each", async () => {
  const ours = parallelToolsMiddleware({ policies: policiesFor("summarize") });
  for (const name of ["search", "summarize"]) {
    const agent = new ScriptedAgent(
      new Notes().tools(name),
      [[callOf("1", name)]],
      {
        options: "none",
        before: [ours],
      },
    );
    await agent.run();
  }
  expect(warnings()).toEqual([]);
});

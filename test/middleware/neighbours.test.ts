import { tool } from "@langchain/core/tools";
import { Command, MemorySaver } from "@langchain/langgraph";
import {
  createMiddleware,
  humanInTheLoopMiddleware,
  toolCallLimitMiddleware,
  toolStrategy,
} from "langchain";
import { ToolMessage } from "@langchain/core/messages";
import { afterEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { callOf } from "../support/messages.js";
import { Notes } from "./support/notes.js";
import { ScriptedAgent, VERSIONS } from "./support/scripted-agent.js";

afterEach(() => vi.restoreAllMocks());

const CHAIN = { sequential: true } as const;
const CALLS = [callOf("1", "a"), callOf("2", "b"), callOf("3", "c")];
const LOG = ["a", "a end", "b", "b end", "c", "c end"];

const human = () =>
  humanInTheLoopMiddleware({ interruptOn: { a: true, b: true } } as never);

describe.each(VERSIONS)("in createAgent %s,", (version) => {
  describe.each(["before", "after"] as const)("%s ours,", (place) => {
    test("what humanInTheLoopMiddleware has had approved or edited runs in the order that the model wrote", async () => {
      const notes = new Notes();
      const agent = new ScriptedAgent(notes.tools("a", "b", "c"), [CALLS], {
        version,
        options: CHAIN,
        checkpointer: new MemorySaver(),
        [place]: [human()],
      });
      const paused = await agent.run();
      expect(paused.interrupts).toHaveLength(1);
      expect(notes.log).toEqual([]);
      const edit = { name: "b", args: { n: 1 } };
      const { answers } = await agent.run({
        decisions: [{ type: "approve" }, { type: "edit", editedAction: edit }],
      });
      // It puts what needs no approval first in the message.
      expect(notes.log).toEqual([
        "a",
        "a end",
        'b {"n":1}',
        "b end",
        "c",
        "c end",
      ]);
      expect(answers.toSorted()).toEqual([
        "1 ok: a done",
        "2 ok: b done",
        "3 ok: c done",
      ]);
    });

    test("what humanInTheLoopMiddleware has had rejected ends as it does without us", async () => {
      const run = async (options: object | "none") => {
        const notes = new Notes();
        const agent = new ScriptedAgent(notes.tools("a", "b", "c"), [CALLS], {
          version,
          options,
          checkpointer: new MemorySaver(),
          [place]: [human()],
        });
        await agent.run();
        const reject = { type: "reject", message: "not that" };
        const { answers } = await agent.run({
          decisions: [{ type: "approve" }, reject],
        });
        return { answers, log: notes.log };
      };
      expect(await run(CHAIN)).toEqual(await run("none"));
    });

    test("toolCallLimitMiddleware answers calls beyond its limit, and the others run", async () => {
      const notes = new Notes();
      const limit = toolCallLimitMiddleware({ runLimit: 2 } as never);
      const agent = new ScriptedAgent(notes.tools("a", "b", "c"), [CALLS], {
        version,
        options: CHAIN,
        [place]: [limit],
      });
      const { answers } = await agent.run();
      expect(notes.log).toEqual(["a", "a end", "b", "b end"]);
      expect(answers.map((answer) => answer.slice(0, 5)).toSorted()).toEqual([
        "1 ok:",
        "2 ok:",
        "3 err",
      ]);
    });

    test("a middleware may answer calls itself when it is their turn", async () => {
      const notes = new Notes();
      const caching = createMiddleware({
        name: "caching",
        wrapToolCall: (request, handler) =>
          request.toolCall.name === "b"
            ? new ToolMessage({ content: "cached", tool_call_id: "2" })
            : handler(request),
      });
      const agent = new ScriptedAgent(notes.tools("a", "b", "c"), [CALLS], {
        version,
        checkpointer: new MemorySaver(),
        // Before ours, only what each call is a task lets us know of it.
        options: place === "after" || version === "v2" ? CHAIN : {},
        [place]: [caching],
      });
      const { answers } = await agent.run();
      expect(answers).toEqual(["1 ok: a done", "2 ok: cached", "3 ok: c done"]);
      expect(notes.log.filter((entry) => entry.endsWith("end"))).toEqual([
        "a end",
        "c end",
      ]);
    });

    test("a tool that a middleware adds at run time has its policy", async () => {
      const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
      const notes = new Notes();
      const added = notes.tool("b");
      const adding = createMiddleware({
        name: "adding",
        wrapModelCall: (request, handler) =>
          handler({ ...request, tools: [...request.tools, added] }),
        wrapToolCall: (request, handler) =>
          handler(
            request.toolCall.name === "b"
              ? { ...request, tool: added }
              : request,
          ),
      });
      const agent = new ScriptedAgent(notes.tools("a", "c"), [CALLS], {
        version,
        options: { policies: { a: { after: ["b"] } } },
        [place]: [adding],
      });
      const { answers } = await agent.run();
      expect(answers).toEqual(["1 ok: a done", "2 ok: b done", "3 ok: c done"]);
      expect(notes.log.indexOf("b end")).toBeLessThan(notes.log.indexOf("a"));
      expect(warn).not.toHaveBeenCalled();
    });
  });

  test("a structured response may stand beside other calls", async () => {
    const notes = new Notes();
    const responseFormat = toolStrategy(
      z.object({ total: z.number() }).meta({ title: "total" }),
    );
    const [schema] = responseFormat;
    const calls = [
      callOf("1", "a"),
      callOf("2", schema?.name ?? "", { total: 3 }),
      callOf("3", "b"),
    ];
    const run = (options: object | "none") =>
      new ScriptedAgent(notes.tools("a", "b"), [calls], {
        version,
        options,
        more: { responseFormat },
      }).run();
    const ours = await run({ ...CHAIN, arrivalTimeoutMs: 1e9 });
    expect(ours.answers).toEqual((await run("none")).answers);
    expect(ours.state["structuredResponse"]).toEqual({ total: 3 });
  });

  test("the calls of a message that was put in run as a batch after jumpTo tools", async () => {
    const notes = new Notes();
    const jumping = createMiddleware({
      name: "jumping",
      beforeModel: {
        canJumpTo: ["tools"],
        hook: ({ messages }) =>
          messages.length > 1
            ? undefined
            : {
                jumpTo: "tools" as const,
                messages: [
                  {
                    role: "assistant",
                    content: "",
                    tool_calls: CALLS,
                  } as never,
                ],
              },
      },
    });
    const agent = new ScriptedAgent(notes.tools("a", "b", "c"), [], {
      version,
      options: CHAIN,
      before: [jumping],
    });
    const { answers } = await agent.run();
    expect(notes.log).toEqual(LOG);
    expect(answers).toEqual(["1 ok: a done", "2 ok: b done", "3 ok: c done"]);
  });

  test("Commands of tools reach the state in the order of the message", async () => {
    const notes = new Notes();
    const updating = (name: string) =>
      tool(
        (_, { toolCallId }: { toolCallId?: string }) => {
          notes.log.push(name);
          return new Command({
            update: {
              messages: [
                new ToolMessage({
                  content: `${name} noted`,
                  tool_call_id: toolCallId ?? "",
                }),
              ],
            },
          });
        },
        { name, description: name, schema: z.object({}) },
      ) as never;
    const agent = new ScriptedAgent(["a", "b", "c"].map(updating), [CALLS], {
      version,
      options: { policies: { a: { after: ["c"] } } },
    });
    const { answers } = await agent.run();
    expect(notes.log).toEqual(["b", "c", "a"]);
    expect(answers).toEqual([
      "1 ok: a noted",
      "2 ok: b noted",
      "3 ok: c noted",
    ]);
  });

  test("the batches of agents inside tools are apart", async () => {
    const notes = new Notes();
    const inner = notes.tools("a", "b", "c");
    const subagent = tool(
      async ({ id }: { id: string }) => {
        notes.log.push(`agent ${id}`);
        const agent = new ScriptedAgent(inner, [CALLS], {
          version,
          options: CHAIN,
        });
        const { answers } = await agent.run();
        return answers.join("; ");
      },
      {
        name: "delegate",
        description: "Asks another agent.",
        schema: z.object({ id: z.string() }),
      },
    );
    const calls = ["x", "y"].map((id) => callOf(id, "delegate", { id }));
    const agent = new ScriptedAgent([subagent as never], [calls], { version });
    const { answers } = await agent.run();
    const said = "1 ok: a done; 2 ok: b done; 3 ok: c done";
    expect(answers).toEqual([`x ok: ${said}`, `y ok: ${said}`]);
    expect(notes.log.slice(0, 2)).toEqual(["agent x", "agent y"]);
    expect(notes.log.filter((entry) => entry === "a")).toHaveLength(2);
  });
});

test("with references, a policy for a tool that the agent does not have is a warning, once", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const notes = new Notes();
  const agent = new ScriptedAgent(notes.tools("a"), [[callOf("1", "a")]], {
    options: {
      references: true,
      policies: { serch: { concurrency: 1 }, a: {} },
    },
  });
  await agent.run();
  await agent.run();
  expect(warn.mock.calls).toEqual([
    [
      "parallel-tools-node: `policies` has `serch`, and the tools of the agent are `a`. Correct the name, unless the tool is added later.",
    ],
  ]);
});

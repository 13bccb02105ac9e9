import { ToolMessage } from "@langchain/core/messages";
import { Command, isCommand } from "@langchain/langgraph";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
  read,
  write,
} from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { answerLines, ask, callOf } from "../support/messages.js";
import { Stage } from "../support/stage.js";

type Call = ReturnType<typeof callOf>;

/** Runs calls of `get` and `put`, each of which ends as soon as it starts. */
async function run(
  calls: Call[],
  policies: ParallelToolNodeOptions["policies"] = { get: { readOnly: true } },
) {
  const stage = new Stage();
  const node = new ParallelToolNode(stage.tools("get", "put"), { policies });
  for (const { id = "" } of calls) await stage.finish(id);
  const answers = answerLines(await node.invoke([ask(...calls)]));
  const ran = stage.log
    .filter((line) => line.endsWith(" start"))
    .map((line) => line.split(" ")[0]);
  return { ran, answers };
}

describe("identical calls of a tool that reads only", () => {
  it("run once, and each is answered under its own id", async () => {
    const { ran, answers } = await run([
      callOf("a", "get", { q: 1 }),
      callOf("b", "get", { q: 2 }),
      callOf("c", "get", { q: 1 }),
    ]);
    expect(ran).toEqual(["a", "b"]);
    expect(answers).toEqual([
      "a ok: a result",
      "b ok: b result",
      "c ok: a result",
    ]);
  });

  it("are those with equal arguments, whatever the order of keys", async () => {
    const { ran } = await run([
      callOf("a", "get", { q: { x: [1, { y: 2, z: 3 }], w: null }, p: "1" }),
      callOf("b", "get", { p: "1", q: { w: null, x: [1, { z: 3, y: 2 }] } }),
      callOf("c", "get", { p: "1", q: { w: null, x: [{ z: 3, y: 2 }, 1] } }),
      callOf("d", "get", { p: 1, q: { w: null, x: [1, { z: 3, y: 2 }] } }),
    ]);
    expect(ran).toEqual(["a", "c", "d"]);
  });

  it("share content, artifact, status and name, and no object", async () => {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("get"), {
      policies: { get: { readOnly: true } },
    });
    await stage.finish(
      "a",
      new ToolMessage({
        content: [{ type: "text", text: "found" }],
        artifact: { rows: 3 },
        status: "success",
        name: "get",
        id: "message-1",
        tool_call_id: "a",
        additional_kwargs: { source: "cache" },
      }),
    );
    const [first, second] = (await node.invoke([
      ask(callOf("a", "get"), callOf("b", "get")),
    ])) as ToolMessage[];
    expect(second).not.toBe(first);
    expect(second).toMatchObject({
      content: [{ type: "text", text: "found" }],
      artifact: { rows: 3 },
      status: "success",
      name: "get",
      tool_call_id: "b",
      additional_kwargs: { source: "cache" },
    });
    // The reducer of messages takes two with one id for the same message.
    expect(second?.id).toBeUndefined();
  });

  it("share an error too", async () => {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("get"), {
      policies: { get: { readOnly: true, retry: false } },
    });
    await stage.fail("a");
    const answers = await node.invoke([
      ask(callOf("a", "get"), callOf("b", "get")),
    ]);
    expect(answerLines(answers)).toEqual([
      "a error: Error: a broke\n Please fix your mistakes.",
      "b error: Error: a broke\n Please fix your mistakes.",
    ]);
    expect(stage.log).toEqual(["a start", "a fail"]);
  });

  it("share an error that is thrown, which is thrown once", async () => {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("get"), {
      policies: { get: { readOnly: true, retry: false } },
      handleToolErrors: false,
    });
    await stage.fail("a");
    const run = node.invoke([ask(callOf("a", "get"), callOf("b", "get"))]);
    await expect(run).rejects.toThrow("a broke");
    expect(stage.log).toEqual(["a start", "a fail"]);
  });

  it("that return a Command are run each", async () => {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("get"), {
      policies: { get: { readOnly: true } },
    });
    for (const id of ["a", "b"]) {
      await stage.finish(id, new Command({ goto: id }));
    }
    const answers: unknown[] = await node.invoke([
      ask(callOf("a", "get"), callOf("b", "get")),
    ]);
    expect(answers.map((answer) => isCommand(answer) && answer.goto)).toEqual([
      ["a"],
      ["b"],
    ]);
    expect(stage.log).toEqual(["a start", "a end", "b start", "b end"]);
  });
});

describe("identical calls are all run", () => {
  const same = ["a", "b"].map((id) => callOf(id, "get"));

  it("when their tool does not say that it only reads", async () => {
    expect((await run(same, {})).ran).toEqual(["a", "b"]);
    const idempotent = { get: { idempotent: true } };
    expect((await run(same, idempotent)).ran).toEqual(["a", "b"]);
  });

  it("when dedupe is off, whatever else is said", async () => {
    const policies = { get: { readOnly: true, dedupe: false } };
    expect((await run(same, policies)).ran).toEqual(["a", "b"]);
  });

  it("on both sides of a write of what they read", async () => {
    const policies = {
      get: { readOnly: true, access: [read("k")] },
      put: { access: [write("k")] },
    };
    const [a, b] = same as [Call, Call];
    const { ran, answers } = await run(
      [a, callOf("w", "put"), b, callOf("c", "get")],
      policies,
    );
    expect(ran).toEqual(["a", "w", "b"]);
    expect(answers.at(-1)).toBe("c ok: b result");
  });

  it("on both sides of a barrier", async () => {
    const policies = { get: { readOnly: true }, put: { sequential: true } };
    const [a, b] = same as [Call, Call];
    expect((await run([a, callOf("w", "put"), b], policies)).ran).toEqual([
      "a",
      "w",
      "b",
    ]);
  });
});

it("dedupe alone makes identical calls run once, without readOnly", async () => {
  const calls = ["a", "b"].map((id) => callOf(id, "get"));
  expect((await run(calls, { get: { dedupe: true } })).ran).toEqual(["a"]);
});

describe("identical calls of a tool that writes or runs alone", () => {
  const calls = ["a", "b", "c"].map((id) => callOf(id, "put", { n: 1 }));
  const policies = {
    put: { dedupe: true, access: [write("k")] },
    get: { access: [read("k")] },
  };
  const allShared = ["a ok: a result", "b ok: a result", "c ok: a result"];

  it("run once in a row", async () => {
    expect(await run(calls, policies)).toEqual({
      ran: ["a"],
      answers: allShared,
    });
    const alone = { put: { dedupe: true, sequential: true } };
    expect((await run(calls, alone)).answers).toEqual(allShared);
  });

  it("run again behind a call that reads what they write", async () => {
    const [a, b, c] = calls as [Call, Call, Call];
    const { ran, answers } = await run([a, callOf("r", "get"), b, c], policies);
    expect(ran).toEqual(["a", "r", "b"]);
    expect(answers.at(-1)).toBe("c ok: b result");
  });

  it("run once on a node that runs one call at a time", async () => {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("get", "put"), {
      sequential: true,
      policies: { put: { dedupe: true } },
    });
    for (const id of ["a", "r", "c"]) await stage.finish(id);
    const [a, b, c] = calls as [Call, Call, Call];
    await node.invoke([ask(a, b, callOf("r", "get"), c)]);
    expect(stage.log.filter((line) => line.endsWith(" start"))).toEqual([
      "a start",
      "r start",
      "c start",
    ]);
  });

  it("share an error, and what depends on them is skipped", async () => {
    for (const policy of [{ access: [write("k")] }, { sequential: true }]) {
      const stage = new Stage();
      const node = new ParallelToolNode(stage.tools("get", "put"), {
        policies: { ...policies, put: { dedupe: true, ...policy } },
      });
      await stage.fail("a");
      const answers = await node.invoke([ask(...calls, callOf("r", "get"))]);
      const lines = answerLines(answers);
      expect(lines.slice(0, 3)).toEqual(
        ["a", "b", "c"].map(
          (id) => `${id} error: Error: a broke\n Please fix your mistakes.`,
        ),
      );
      expect(lines[3]).toContain("r error: ");
      expect(lines[3]).toContain("(put), which failed");
      expect(stage.log).toEqual(["a start", "a fail"]);
    }
  });

  it("hold up what depends on them until the one that runs has ended", async () => {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("get", "put"), { policies });
    const running = node.invoke([ask(...calls, callOf("r", "get"))]);
    await stage.finish("r");
    expect(stage.log).toEqual(["a start"]);
    await stage.finish("a");
    await running;
    expect(stage.log).toEqual(["a start", "a end", "r start", "r end"]);
  });

  it("that return a Command are run one after another", async () => {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("get", "put"), { policies });
    const running = node.invoke([ask(...calls)]);
    for (const id of ["c", "b", "a"]) {
      await stage.finish(id, new Command({ goto: id }));
    }
    await running;
    expect(stage.log).toEqual(
      ["a", "b", "c"].flatMap((id) => [`${id} start`, `${id} end`]),
    );
  });
});

it("an MCP server's readOnlyHint makes identical calls run once where the tool has a policy that doesn't say otherwise", async () => {
  const annotations = { readOnlyHint: true };
  for (const [policies, ran] of [
    [{}, 2],
    [{ get: {} }, 1],
    [{ get: { readOnly: false } }, 2],
    [{ get: { dedupe: false } }, 2],
  ] as const) {
    const stage = new Stage();
    const node = new ParallelToolNode([stage.tool("get", { annotations })], {
      policies,
    });
    for (const id of ["a", "b"]) await stage.finish(id);
    await node.invoke([ask(callOf("a", "get"), callOf("b", "get"))]);
    expect(stage.log).toHaveLength(2 * ran);
  }
});

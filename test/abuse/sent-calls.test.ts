import { type BaseMessage, isToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import type { ToolCall } from "@langchain/core/messages/tool";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import { createAgent, FakeToolCallingModel } from "langchain";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
  write,
} from "parallel-tools-node";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { callOf } from "../support/messages.js";

const HOSTS = ["createReactAgent v2", "createAgent v1", "createAgent v2"];

/** A tool of that name that gives back the `n` that it is given. */
function echo(name: string, log: unknown[] = []) {
  return tool(
    async ({ n }: { n: unknown }) => {
      log.push(n);
      await Promise.resolve();
      return String(n).slice(0, 20);
    },
    { name, description: name, schema: z.looseObject({ n: z.any() }) },
  );
}

/** The answers to the calls of one message that come one by one. */
async function run(
  host: string,
  calls: readonly ToolCall[],
  options: ParallelToolNodeOptions = {},
  tools = [echo("t")],
): Promise<string[]> {
  const model = new FakeToolCallingModel({
    toolCalls: [calls, []],
  } as never) as never;
  const agent =
    host === "createReactAgent v2"
      ? createReactAgent({
          llm: model,
          tools: new ParallelToolNode(tools, options),
          version: "v2",
        })
      : createAgent({
          model,
          tools,
          middleware: [parallelToolsMiddleware(options)],
          version: host === "createAgent v1" ? "v1" : "v2",
        });
  const input = { messages: [{ role: "user" as const, content: "Go." }] };
  const { messages } = (await agent.invoke(input as never)) as {
    messages: BaseMessage[];
  };
  return messages.filter(isToolMessage).map(({ tool_call_id: id, text }) => {
    return `${id}: ${text}`;
  });
}

describe.each(HOSTS)("calls that come one by one, by %s,", (host) => {
  it("are answered by the hundreds, in order, under a cap", async () => {
    const calls = Array.from({ length: 400 }, (_, n) =>
      callOf(`c${n}`, "t", { n }),
    );
    const answers = await run(host, calls, {
      policies: { t: { concurrency: 3 } },
    });
    expect(answers).toEqual(calls.map(({ id }, n) => `${id}: ${n}`));
  }, 60_000);

  it("run one after the other by the hundreds where they have to", async () => {
    const log: unknown[] = [];
    const calls = Array.from({ length: 200 }, (_, n) =>
      callOf(`c${n}`, "t", { n }),
    );
    const policies = { t: { access: [write("k")] } };
    const answers = await run(host, calls, { policies }, [echo("t", log)]);
    expect(answers).toHaveLength(200);
    expect(log).toEqual(calls.map((_, n) => n));
  }, 60_000);

  it("have an answer each when their ids are the same", async () => {
    const log: unknown[] = [];
    const calls = [1, 2, 3].map((n) => callOf("twice", "t", { n }));
    const policies = { t: { access: [write("k")] } };
    const answers = await run(host, calls, { policies }, [echo("t", log)]);
    expect(answers).toEqual(["twice: 1", "twice: 2", "twice: 3"]);
    expect(log).toEqual([1, 2, 3]);
  });

  it("have an answer each when they and their ids are the same", async () => {
    const calls = [1, 1].map((n) => callOf("twice", "t", { n }));
    expect(await run(host, calls)).toEqual(["twice: 1", "twice: 1"]);
  });

  it("have an answer each when they have no ids", async () => {
    const log: unknown[] = [];
    const calls = [1, 2, 3].map((n) => callOf(undefined, "t", { n }));
    const answers = await run(host, calls, {}, [echo("t", log)]);
    expect(answers.map((line) => line.split(": ")[1])).toEqual(["1", "2", "3"]);
    expect(log).toEqual([1, 2, 3]);
  });

  it("may have ids and names that every object has", async () => {
    const names = ["__proto__", "constructor", "toString", "valueOf"];
    const calls = names.map((name, n) => callOf(name, name, { n }));
    const tools = names.map((name) => echo(name));
    const policies = Object.fromEntries(
      names.map((name) => [name, { concurrency: 1, timeoutMs: 60_000 }]),
    );
    expect(await run(host, calls, { policies }, tools)).toEqual(
      names.map((name, n) => `${name}: ${n}`),
    );
  });

  it("may have huge arguments", async () => {
    const calls = ["a", "b"].map((id) =>
      callOf(id, "t", { n: id.repeat(2_000_000) }),
    );
    expect(
      await run(host, calls, { references: true, reportArguments: true }),
    ).toEqual([`a: ${"a".repeat(20)}`, `b: ${"b".repeat(20)}`]);
  });

  it("of a message with too many are answered, and those beyond not run", async () => {
    const log: unknown[] = [];
    const calls = Array.from({ length: 30 }, (_, n) =>
      callOf(`c${n}`, "t", { n }),
    );
    const answers = await run(host, calls, { maxCalls: 3 }, [echo("t", log)]);
    expect(answers).toHaveLength(30);
    expect(answers[3]).toMatch(/^c3: Not run: at most 3 tool calls/);
    expect(log).toEqual([0, 1, 2]);
  });
});

import { StructuredTool, tool } from "@langchain/core/tools";
import { createMiddleware } from "langchain";
import { ToolTimeoutError } from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { outOfTime } from "@/answers/not-run.js";
import { stopped } from "@/answers/no-result.js";
import { finish, playTime } from "../support/attempted-node.js";
import { callOf } from "../support/messages.js";
import { ScriptedAgent, VERSIONS } from "./support/scripted-agent.js";

playTime();

/** Ends when it is aborted, and notes what its signals say. */
function hanging(log: string[], onStart: () => void = () => {}) {
  return tool(
    (
      { id }: { id: string },
      runtime: { signal?: AbortSignal; config?: { signal?: AbortSignal } },
    ) =>
      new Promise<string>((_, reject) => {
        runtime.signal?.addEventListener("abort", () => {
          const reason = runtime.signal?.reason as Error;
          const inner = runtime.config?.signal?.aborted;
          log.push(`${id} ${reason.name} ${inner}`);
          reject(reason);
        });
        onStart();
      }),
    { name: "hang", description: "h", schema: z.object({ id: z.string() }) },
  );
}

const quick = tool(() => "done", {
  name: "quick",
  description: "q",
  schema: z.looseObject({}),
});

const stoppedAt = (timeoutMs: number, toolName?: string) =>
  stopped(new ToolTimeoutError(timeoutMs, toolName), false);

describe.each(VERSIONS)("an agent of version %s", (version) => {
  it("answers a call at its limit, and tells the tool by its signal", async () => {
    const log: string[] = [];
    const agent = new ScriptedAgent(
      [hanging(log), quick],
      [[callOf("1", "hang", { id: "1" }), callOf("2", "quick")]],
      { version, options: { policies: { hang: { timeoutMs: 10 } } } },
    );
    expect((await finish(agent.run())).answers).toEqual([
      `1 error: ${stoppedAt(10, "hang")}`,
      "2 ok: done",
    ]);
    expect(log).toEqual(["1 ToolTimeoutError true"]);
  });

  it("answers all that is left at the limit of a batch", async () => {
    const log: string[] = [];
    const agent = new ScriptedAgent(
      [hanging(log), quick],
      [
        [
          callOf("1", "hang", { id: "1" }),
          callOf("2", "quick"),
          callOf("3", "hang", { id: "3" }),
        ],
      ],
      {
        version,
        options: {
          batchTimeoutMs: 40,
          policies: { hang: { concurrency: 1 } },
        },
      },
    );
    expect((await finish(agent.run())).answers).toEqual([
      `1 error: ${stoppedAt(40)}`,
      "2 ok: done",
      `3 error: ${outOfTime(new ToolTimeoutError(40))}`,
    ]);
    expect(log).toEqual(["1 ToolTimeoutError true"]);
  });

  it("throws the error of a timeout where errors are thrown", async () => {
    const agent = new ScriptedAgent(
      [hanging([])],
      [[callOf("1", "hang", { id: "1" })]],
      {
        version,
        options: {
          handleToolErrors: false,
          policies: { hang: { timeoutMs: 10 } },
        },
      },
    );
    await expect(finish(agent.run())).rejects.toThrow(
      "hang did not finish within 0.01 s.",
    );
  });

  it("ends a run that is aborted, whose tools are told why", async () => {
    const log: string[] = [];
    const controller = new AbortController();
    let started = 0;
    const agent = new ScriptedAgent(
      [
        hanging(log, () => {
          started += 1;
          if (started === 2) controller.abort(new Error("the user went away"));
        }),
      ],
      [[callOf("1", "hang", { id: "1" }), callOf("2", "hang", { id: "2" })]],
      { version, config: { signal: controller.signal } },
    );
    await expect(finish(agent.run())).rejects.toThrow("the user went away");
    await expect.poll(() => log).toHaveLength(2);
  });

  it("shows other middleware the tool as it is, with private fields and all", async () => {
    class Counter extends StructuredTool {
      readonly name = "counter";
      readonly description = "Counts.";
      readonly schema = z.looseObject({});
      #count = 0;
      get count() {
        return this.#count;
      }
      describe() {
        return `${this.name} at ${this.#count}`;
      }
      protected override async _call() {
        this.#count += 1;
        return `count ${this.#count}`;
      }
    }
    const counter = new Counter();
    const seen: unknown[] = [];
    const after = createMiddleware({
      name: "after",
      wrapToolCall: (request, handler) => {
        const shown = request.tool as unknown as Counter;
        seen.push([
          shown instanceof Counter,
          shown.constructor === Counter,
          shown.schema === counter.schema,
          shown.describe(),
          shown.count,
        ]);
        return handler(request);
      },
    });
    const agent = new ScriptedAgent(
      [counter],
      [[callOf("1", "counter"), callOf("2", "counter")]],
      {
        version,
        after: [after],
        options: {
          policies: { counter: { timeoutMs: 1_000, sequential: true } },
        },
      },
    );
    expect((await finish(agent.run())).answers).toEqual([
      "1 ok: count 1",
      "2 ok: count 2",
    ]);
    expect(seen).toEqual([
      [true, true, true, "counter at 0", 0],
      [true, true, true, "counter at 1", 1],
    ]);
  });

  it("keeps an agent's own signal beside that of the call", async () => {
    const log: string[] = [];
    const own = new AbortController();
    const agent = new ScriptedAgent(
      [hanging(log, () => own.abort(new TypeError("over"))), quick],
      [[callOf("1", "hang", { id: "1" }), callOf("2", "quick")]],
      { version, more: { signal: own.signal } },
    );
    await expect(finish(agent.run())).rejects.toBeInstanceOf(Error);
    expect(log).toEqual(["1 TypeError false"]);
  });

  it("takes a frozen tool, which is answered at its limit all the same", async () => {
    const frozen = tool(() => new Promise<string>(() => {}), {
      name: "frozen",
      description: "f",
      schema: z.looseObject({}),
    });
    Object.freeze(frozen);
    const agent = new ScriptedAgent([frozen], [[callOf("1", "frozen")]], {
      version,
      options: { policies: { frozen: { timeoutMs: 10 } } },
    });
    expect((await finish(agent.run())).answers).toEqual([
      `1 error: ${stoppedAt(10, "frozen")}`,
    ]);
  });

  it("shows middleware behind it all that a frozen tool has", async () => {
    class Private extends StructuredTool {
      readonly name = "private";
      readonly description = "p";
      readonly schema = z.looseObject({});
      readonly #secret = "secret";
      override invoke = super.invoke.bind(this);

      get secret(): string {
        return this.#secret;
      }

      protected override async _call(): Promise<string> {
        return "done";
      }
    }
    const frozen = new Private();
    Object.freeze(frozen);
    const seen: unknown[] = [];
    const look = createMiddleware({
      name: "look",
      wrapToolCall: (request, handler) => {
        const shown = request.tool as unknown as Private;
        seen.push(shown.secret, Object.entries(shown));
        return handler(request);
      },
    });
    const agent = new ScriptedAgent([frozen], [[callOf("1", "private")]], {
      version,
      options: { policies: { private: { timeoutMs: 10 } } },
      after: [look],
    });
    await finish(agent.run());
    expect(seen[0]).toBe("secret");
    expect(seen[1]).toContainEqual(["name", "private"]);
  });

  it("cuts what is too large, of results and of errors", async () => {
    const failing = tool(
      () => {
        throw new Error("x".repeat(1_000));
      },
      { name: "failing", description: "f", schema: z.looseObject({}) },
    );
    const large = tool(() => "x".repeat(1_000), {
      name: "large",
      description: "l",
      schema: z.looseObject({}),
    });
    const agent = new ScriptedAgent(
      [failing, large],
      [[callOf("1", "failing"), callOf("2", "large")]],
      { version, options: { maxOutputBytes: 100 } },
    );
    const { answers } = await finish(agent.run());
    expect(answers[0]).toMatch(/^1 error: Error: x{93}\n\[Cut: /);
    expect(answers[1]).toMatch(/^2 ok: x{100}\n\[Cut: 900 of 1000 bytes/);
  });
});

import { tool } from "@langchain/core/tools";
import type { BaseMessage } from "@langchain/core/messages";
import { isToolMessage } from "@langchain/core/messages";
import { Command, interrupt, MemorySaver } from "@langchain/langgraph";
import { createCodeInterpreterMiddleware } from "@langchain/quickjs";
import { type AgentMiddleware, createAgent } from "langchain";
import type { BatchReport } from "parallel-tools-node";
import { callableTools } from "parallel-tools-node/code";
import {
  parallelToolsMiddleware,
  type ParallelToolsMiddlewareOptions,
} from "parallel-tools-node/middleware";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { LoggedModel } from "../support/logged-model.js";
import { callOf } from "../support/messages.js";
import { silenceWarnings } from "../support/silence-warnings.js";

silenceWarnings();

const VERSIONS = ["v1", "v2"] as const;
const sleep = (ms: number) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

interface Play {
  readonly version?: "v1" | "v2";
  readonly options?: ParallelToolsMiddlewareOptions;
  readonly interpreter?: Parameters<typeof createCodeInterpreterMiddleware>[0];
  /** The interpreter comes first. */
  readonly isBefore?: boolean;
  /** Code gets the tools by name, and not those of `callableTools`. */
  readonly byName?: boolean;
  readonly thread?: string;
  readonly middleware?: readonly AgentMiddleware[];
}

let threads = 0;

/** Runs codes of one message with the real interpreter. */
class Interpreted {
  readonly reports: BatchReport[] = [];
  running = 0;
  mostAtOnce = 0;
  runs = 0;
  aborts = 0;
  readonly #agent;
  readonly #config: object;

  constructor(codes: readonly string[], play: Play = {}) {
    const { version = "v2", options, interpreter, isBefore } = play;
    threads += 1;
    const thread = play.thread ?? `t${threads}`;
    this.#config = { configurable: { thread_id: thread } };
    const look = tool(
      async ({ text, ms = 1 }, { signal }) => {
        this.runs += 1;
        this.running += 1;
        this.mostAtOnce = Math.max(this.mostAtOnce, this.running);
        signal?.addEventListener("abort", () => {
          this.aborts += 1;
        });
        await sleep(ms);
        this.running -= 1;
        if (text === "fail") throw new Error("it failed");
        if (text === "ask") return `${interrupt("May I?")}`;
        if (text === "huge") return "x".repeat(200_000_000);
        return { text };
      },
      {
        name: "look_up",
        description: "Looks.",
        schema: z.object({ text: z.string(), ms: z.number().optional() }),
      },
    );
    const limits = parallelToolsMiddleware({
      policies: { look_up: { readOnly: true, concurrency: 5, retry: false } },
      onReport: (report) => void this.reports.push(report),
      ...options,
    });
    const code = createCodeInterpreterMiddleware({
      executionTimeoutMs: 10_000,
      ptc: play.byName ? ["look_up"] : callableTools([look], limits),
      ...interpreter,
    });
    const calls = codes.map((text, at) =>
      callOf(`c${at}`, "eval", { code: text }),
    );
    this.#agent = createAgent({
      model: new LoggedModel("lead", [calls], []),
      tools: [look],
      middleware: [
        ...(isBefore ? [code, limits] : [limits, code]),
        ...(play.middleware ?? []),
      ],
      version,
      checkpointer: new MemorySaver(),
    } as never);
  }

  async answers(
    input: unknown = { messages: [{ role: "user", content: "Go." }] },
  ): Promise<string[]> {
    const { messages } = (await this.#agent.invoke(
      input as never,
      this.#config,
    )) as { readonly messages: BaseMessage[] };
    return messages
      .filter((message) => isToolMessage(message))
      .map(({ text }) => text);
  }
}

const many = (count: number, ms = 1) =>
  `(await Promise.all(Array.from({ length: ${count} }, (_, i) => tools.lookUp({ text: "t" + i, ms: ${ms} })))).length`;

describe.each(VERSIONS)("the interpreter in createAgent %s", (version) => {
  test("keeps caps, at 200 calls", async () => {
    const run = new Interpreted([many(200)], { version });
    expect(await run.answers()).toEqual(["→ 200"]);
    expect(run.mostAtOnce).toBe(5);
    expect(run.runs).toBe(200);
    const inside = run.reports.find(({ kind }) => kind === "code")!;
    expect(inside.calls).toHaveLength(200);
    expect(inside.inside).toMatchObject({ name: "eval", id: "c0" });
  });

  test("gets what a tool gives, as without this package", async () => {
    const code =
      "[await tools.lookUp({ text: 'a' }), await tools.lookUp({ text: 'fail' }).catch((e) => e.message)]";
    const [ours] = await new Interpreted([code], { version }).answers();
    const [stock] = await new Interpreted([code], {
      version,
      byName: true,
    }).answers();
    expect(ours).toBe(stock);
    expect(ours).toContain("it failed");
  });

  test("tells two codes of one message apart", async () => {
    const code = (name: string) =>
      `const ${name} = ${many(3, 5)}; await tools.lookUp({ text: "a" }); ${name}`;
    const run = new Interpreted([code("a"), code("b")], {
      version,
      options: { maxCalls: 4 },
    });
    expect(await run.answers()).toEqual(["→ 3", "→ 3"]);
    const sizes = run.reports
      .filter(({ kind }) => kind === "code")
      .map(({ calls, inside }) => `${inside?.id} ${calls.length}`);
    expect(sizes.toSorted()).toEqual(["c0 4", "c1 4"]);
  });

  test("a question to a human is a refusal for the model", async () => {
    const run = new Interpreted(
      ["await tools.lookUp({ text: 'ask' }).catch((e) => e.message)"],
      { version },
    );
    const [answer] = await run.answers();
    expect(answer).toContain("stopped to ask a human");
    expect(await run.answers(new Command({ resume: "yes" }))).toEqual([answer]);
  });

  test.each([false, true])(
    "works with references, by name and by instance (in front: %s)",
    async (isBefore) => {
      for (const byName of [false, true]) {
        const run = new Interpreted(["await tools.lookUp({ text: 'a' })"], {
          version,
          isBefore,
          byName,
          options: { references: true },
        });
        expect(await run.answers()).toEqual(['→ {"text":"a"}']);
      }
    },
  );
});

test("forced timeouts leave the process and the interpreter alive", async () => {
  const late = "await tools.lookUp({ text: 'late', ms: 60 })";
  let timeouts = 0;
  for (let round = 0; round < 50; round += 1) {
    const runs = Array.from(
      { length: 10 },
      () =>
        new Interpreted([late], { interpreter: { executionTimeoutMs: 10 } }),
    );
    const answers = await Promise.all(runs.map((run) => run.answers()));
    for (const [answer] of answers) {
      if (/timed out|interrupted/.test(answer!)) timeouts += 1;
    }
  }
  expect(timeouts).toBe(500);
  await sleep(100);
  const run = new Interpreted([many(10)]);
  expect(await run.answers()).toEqual(["→ 10"]);
});

test("codes in two threads don't see each other", async () => {
  const runs = ["x", "y"].map(
    (thread) =>
      new Interpreted(
        [`globalThis.mine = "${thread}"; ${many(3, 5)}; globalThis.mine`],
        { thread, options: { maxCalls: 3 } },
      ),
  );
  const answers = await Promise.all(runs.map((run) => run.answers()));
  expect(answers).toEqual([["→ x"], ["→ y"]]);
});

test.each([
  ["a loop", "for (;;);", /interrupted/],
  [
    "many calls",
    "for (let i = 0; i < 1e6; i += 1) await tools.lookUp({ text: 'x' })",
    /budget|limit|exceeded|interrupted/i,
  ],
  [
    "tricks with prototypes",
    'Object.prototype.readOnly = true; await tools.lookUp(JSON.parse(\'{"__proto__": {"text": "a"}, "constructor": {"prototype": 1}}\'))',
    /failed/,
  ],
  ["a huge result", "(await tools.lookUp({ text: 'huge' })).length", /\w/],
  ["what is no object", "await tools.lookUp('text')", /failed/],
])("hostile code ends with an error: %s", async (_, code, expected) => {
  const run = new Interpreted([code], {
    interpreter: { executionTimeoutMs: 500, maxPtcCalls: 50 },
  });
  const [answer] = await run.answers();
  expect(answer).toMatch(expected);
  expect(run.running).toBe(0);
  expect(({} as { readOnly?: unknown }).readOnly).toBeUndefined();
});

test("hostile code meets the limits of the library where the interpreter has none", async () => {
  const run = new Interpreted(
    [
      "let n = 0; for (let i = 0; i < 300; i += 1) await tools.lookUp({ text: 'x' + i }).then(() => n += 1, () => {}); n",
    ],
    { interpreter: { maxPtcCalls: null }, options: { maxCalls: 20 } },
  );
  expect(await run.answers()).toEqual(["→ 20"]);
  expect(run.runs).toBe(20);
});

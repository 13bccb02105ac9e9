import { StructuredTool, tool } from "@langchain/core/tools";
import { MemorySaver } from "@langchain/langgraph";
import { createMiddleware, toolRetryMiddleware } from "langchain";
import type { ParallelToolsMiddlewareOptions } from "parallel-tools-node/middleware";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { settle } from "../support/fake-clock.js";
import { callOf } from "../support/messages.js";
import {
  type AgentSetup,
  ScriptedAgent,
  VERSIONS,
} from "./support/scripted-agent.js";

const schema = z.looseObject({});
const MINUTE = 60_000;

/** Tools of an agent that is stopped, and a log of what they do. */
class Scene {
  readonly log: string[] = [];
  readonly #controller = new AbortController();
  readonly reason = new Error("the user went away");

  get signal() {
    return this.#controller.signal;
  }

  /** Never ends, unless LangChain ends it for its signal; aborts that. */
  slow() {
    return this.#tool("slow", () => {
      void settle().then(() => this.#controller.abort(this.reason));
      return new Promise<string>(() => {});
    });
  }

  /** Ends at once; aborts the signal then. */
  quick() {
    return this.#tool("quick", async () => {
      void settle().then(() => this.#controller.abort(this.reason));
      return "done";
    });
  }

  next() {
    return this.#tool("next", async () => "done");
  }

  /** Never ends, whatever its signal says; aborts that. */
  deaf() {
    const start = () => {
      this.log.push("deaf");
      void settle().then(() => this.#controller.abort(this.reason));
    };
    return new (class extends StructuredTool {
      readonly name = "deaf";
      readonly description = "Never ends.";
      readonly schema = schema;
      override invoke() {
        start();
        return new Promise<never>(() => {});
      }
      protected override async _call() {
        return "";
      }
    })();
  }

  /** Throws the signal's reason when it is aborted; runs again if it is asked. */
  raw() {
    const run = (signal?: AbortSignal) => {
      this.log.push("raw");
      if (this.log.length > 1) return Promise.resolve("ran again" as never);
      void settle().then(() => this.#controller.abort(this.reason));
      return new Promise<never>((_, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason as Error));
      });
    };
    return new (class extends StructuredTool {
      readonly name = "raw";
      readonly description = "Ends when it is aborted.";
      readonly schema = schema;
      override invoke(_: unknown, config?: { signal?: AbortSignal }) {
        return run(config?.signal);
      }
      protected override async _call() {
        return "";
      }
    })();
  }

  #tool(name: string, act: () => Promise<string>) {
    const perform = () => {
      this.log.push(name);
      return act();
    };
    return tool(perform, { name, description: name, schema });
  }
}

const passing = (name: string) =>
  createMiddleware({
    name,
    wrapToolCall: (request, handler) => handler(request),
  });

const again = () =>
  toolRetryMiddleware({
    maxRetries: 2,
    initialDelayMs: 0,
    jitter: false,
  }) as never;

const NEIGHBOURS: readonly (readonly [string, AgentSetup])[] = [
  ["no other middleware", {}],
  ["middleware behind ours", { after: [passing("last")] }],
  ["middleware in front of ours", { before: [passing("first")] }],
  [
    "middleware on both sides",
    { before: [passing("first")], after: [passing("last")] },
  ],
];

const RETRIES = [
  ["no policy", {}],
  ["a retry policy", { retry: { initialInterval: MINUTE, jitter: false } }],
  ["the retries of a tool that may be run twice", { idempotent: true }],
  ["a limit in time, and retries", { timeoutMs: MINUTE, readOnly: true }],
] as const;

describe.each(VERSIONS)(
  "createAgent %s, whose run is stopped by",
  (version) => {
    describe.each(["the agent's own signal", "the signal of the run"])(
      "%s, with",
      (whose) => {
        const stopped = (
          scene: Scene,
          tools: readonly unknown[],
          names: readonly string[],
          setup: AgentSetup,
        ) => {
          const { signal } = scene;
          const calls = names.map((name, i) => callOf(String(i), name, { i }));
          const isAgents = whose === "the agent's own signal";
          return new ScriptedAgent(tools as never, [calls], {
            version,
            ...setup,
            ...(isAgents ? { more: { signal } } : { config: { signal } }),
          }).run();
        };

        describe.each(NEIGHBOURS)("%s,", (_, neighbours) => {
          describe.each([undefined, true, false])(
            "handleToolErrors %s,",
            (handleToolErrors) => {
              test.each(RETRIES)(
                "and %s, rejects with the reason, and runs nothing again",
                async (__, policy) => {
                  const scene = new Scene();
                  const options = {
                    handleToolErrors,
                    policies: {
                      slow: { ...policy, concurrency: 2 },
                      next: { after: ["slow"] },
                    },
                  };
                  const run = stopped(
                    scene,
                    [scene.slow(), scene.next()],
                    ["slow", "slow", "slow", "next"],
                    { ...neighbours, options },
                  );
                  await expect(run).rejects.toBe(scene.reason);
                  await settle();
                  expect(scene.log).toEqual(["slow", "slow"]);
                },
              );

              test("and a tool that would run with an aborted signal, doesn't run it again", async () => {
                const scene = new Scene();
                const options = {
                  handleToolErrors,
                  policies: { raw: { concurrency: 1, idempotent: true } },
                };
                const run = stopped(scene, [scene.raw()], ["raw", "raw"], {
                  ...neighbours,
                  options,
                });
                await expect(run).rejects.toBe(scene.reason);
                await settle();
                expect(scene.log).toEqual(["raw"]);
              });
            },
          );
        });

        test.each<[string, AgentSetup]>([
          ["behind ours", { after: [again()] }],
          ["in front of ours", { before: [again()] }],
        ])("toolRetryMiddleware %s, runs nothing again", async (_, setup) => {
          const scene = new Scene();
          const options = { policies: { next: { after: ["slow"] } } };
          const run = stopped(
            scene,
            [scene.slow(), scene.next()],
            ["slow", "next"],
            { ...setup, options },
          );
          await expect(run).rejects.toBe(scene.reason);
          expect(scene.log).toEqual(["slow"]);
        });

        describe.each([NEIGHBOURS[0]!, NEIGHBOURS[2]!])(
          "%s,",
          (_, neighbours) => {
            test.each<
              [string, string[], ParallelToolsMiddlewareOptions["policies"]]
            >([
              [
                "a limit while nothing runs",
                ["quick", "quick", "next"],
                {
                  quick: { rateLimit: { limit: 1, intervalMs: MINUTE } },
                  next: { after: ["quick"] },
                },
              ],
              [
                "a tool that heeds no signal",
                ["deaf", "next", "next"],
                { next: { after: ["deaf"] } },
              ],
            ])(
              "and calls that wait for %s, rejects with the reason at once, and starts none of them",
              async (__, names, policies) => {
                const scene = new Scene();
                const tools = [scene.quick(), scene.deaf(), scene.next()];
                const run = stopped(scene, tools, names, {
                  ...neighbours,
                  options: { policies: policies ?? {} },
                });
                await expect(run).rejects.toBe(scene.reason);
                expect(scene.log).toEqual([names[0]]);
              },
            );
          },
        );
      },
    );

    test("the agent's own signal, with `durable`, rejects with the reason, and keeps what had ended", async () => {
      const scene = new Scene();
      const options = {
        durable: true,
        policies: { next: { after: ["slow"] } },
      };
      const agent = new ScriptedAgent(
        [scene.slow(), scene.next()] as never,
        [[callOf("1", "slow"), callOf("2", "slow"), callOf("3", "next")]],
        {
          version,
          options,
          checkpointer: new MemorySaver(),
          more: { signal: scene.signal },
        },
      );
      await expect(agent.run()).rejects.toBe(scene.reason);
      expect(scene.log).toEqual(["slow", "slow"]);
    });

    test("the agent's own signal before it starts, runs no tool", async () => {
      const scene = new Scene();
      const agent = new ScriptedAgent(
        [scene.next()] as never,
        [[callOf("1", "next")]],
        { version, more: { signal: AbortSignal.abort(scene.reason) } },
      );
      await expect(agent.run()).rejects.toBe(scene.reason);
      expect(scene.log).toEqual([]);
    });
  },
);

test("an agent's own signal is reported as the end of the calls that it has stopped", async () => {
  const scene = new Scene();
  const outcomes: string[] = [];
  const agent = new ScriptedAgent(
    [scene.slow(), scene.next()] as never,
    [[callOf("1", "slow"), callOf("2", "next")]],
    {
      more: { signal: scene.signal },
      options: {
        policies: { next: { after: ["slow"] } },
        onReport: ({ calls }) =>
          outcomes.push(...calls.map(({ outcome }) => outcome)),
      },
    },
  );
  await expect(agent.run()).rejects.toBe(scene.reason);
  await settle();
  expect(outcomes).toEqual(["aborted", "aborted"]);
});

import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage } from "@langchain/core/messages";
import type { ChatResult } from "@langchain/core/outputs";
import { Command } from "@langchain/langgraph";
import { createMiddleware, modelRetryMiddleware } from "langchain";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { Notes } from "./support/notes.js";
import {
  type AgentSetup,
  ScriptedAgent,
  VERSIONS,
} from "./support/scripted-agent.js";

class RateLimitError extends Error {
  override readonly name = "RateLimitError";
  readonly status = 429;
  readonly code = "rate_limit_exceeded";
  readonly headers = { "retry-after": "7" };
}

/** Throws as often as said, then answers. */
class FailingModel extends BaseChatModel {
  calls = 0;
  readonly #error: unknown;
  readonly #times: number;

  constructor(error: unknown, times = Number.POSITIVE_INFINITY) {
    super({ maxRetries: 0 });
    this.#error = error;
    this.#times = times;
  }

  override _llmType() {
    return "failing";
  }

  override bindTools() {
    return this;
  }

  override async _generate(): Promise<ChatResult> {
    this.calls += 1;
    if (this.calls <= this.#times) throw this.#error;
    return { generations: [{ text: "", message: new AIMessage("fine") }] };
  }
}

/** Waits until its signal is aborted. */
class HangingModel extends FailingModel {
  readonly #onStart: () => void;

  constructor(onStart: () => void) {
    super(undefined);
    this.#onStart = onStart;
  }

  override _generate(
    _?: unknown,
    options: { signal?: AbortSignal } = {},
  ): Promise<ChatResult> {
    const { signal } = options;
    return new Promise((_resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason as Error));
      this.#onStart();
    });
  }
}

const agentOf = (model: BaseChatModel, setup: AgentSetup) =>
  new ScriptedAgent(new Notes().tools("t"), [], {
    ...setup,
    more: { model, ...setup.more },
  });

describe.each(VERSIONS)("createAgent %s with ours", (version) => {
  test.each([
    ["no options", {}],
    ["policies", { policies: { t: { concurrency: 1 } }, durable: true }],
  ])("and %s throws the very error of the model", async (_, options) => {
    const error = new RateLimitError("slow down");
    const agent = agentOf(new FailingModel(error), { version, options });
    await expect(agent.run()).rejects.toBe(error);
  });

  test.each(["before", "after"] as const)(
    "and modelRetryMiddleware %s it retries by the class of the error",
    async (place) => {
      const model = new FailingModel(new RateLimitError("slow down"), 2);
      const again = modelRetryMiddleware({
        maxRetries: 2,
        initialDelayMs: 0,
        jitter: false,
        retryOn: [RateLimitError],
      });
      await agentOf(model, { version, [place]: [again] }).run();
      expect(model.calls).toBe(3);
    },
  );

  test("and references throws an error whose cause is that of the model", async () => {
    const error = new RateLimitError("slow down");
    const agent = agentOf(new FailingModel(error), {
      version,
      options: { references: true },
    });
    await expect(agent.run()).rejects.toMatchObject({ cause: error });
  });

  test.each(["invoke", "agent"])(
    "rejects with the reason when the %s's signal is aborted while the model runs",
    async (whose) => {
      const controller = new AbortController();
      const reason = new Error("the user went away");
      const model = new HangingModel(() => controller.abort(reason));
      const { signal } = controller;
      const agent = agentOf(model, {
        version,
        ...(whose === "invoke" ? { config: { signal } } : { more: { signal } }),
      });
      await expect(agent.run()).rejects.toBe(reason);
    },
  );

  test("throws an AbortError of the model as it is", async () => {
    const error = new DOMException("Aborted", "AbortError");
    const agent = agentOf(new FailingModel(error), { version });
    await expect(agent.run()).rejects.toBe(error);
  });

  test("applies a Command that a middleware behind it gives in place of an answer", async () => {
    const routing = createMiddleware({
      name: "routing",
      stateSchema: z.object({ route: z.string().default("") }),
      wrapModelCall: () =>
        new Command({
          update: { route: "short", messages: [new AIMessage("routed")] },
        }) as never,
    });
    const { state, messages } = await agentOf(new FailingModel(undefined), {
      version,
      after: [routing],
    }).run();
    expect(state["route"]).toBe("short");
    expect(messages.map(({ text }) => text)).toEqual(["Go.", "routed"]);
  });
});

test("a hook for the model is there only where references are on", () => {
  expect(parallelToolsMiddleware().wrapModelCall).toBeUndefined();
  const { wrapModelCall } = parallelToolsMiddleware({ references: true });
  expect(wrapModelCall).toBeTypeOf("function");
});

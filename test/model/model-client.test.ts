import { tool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import { initChatModel } from "langchain";
import { limitModel } from "parallel-tools-node";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { thrownBy } from "../support/thrown-by.js";
import { nodeWith } from "./support/node-with.js";

let start = 0;
beforeEach(() => {
  vi.useFakeTimers();
  start = Date.now();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the client of a limited model", () => {
  it("sends one request where ChatOpenAI would ask again itself", async () => {
    const times: number[] = [];
    const statuses = [429, 200, 500];
    const fetch = async () => {
      times.push(Date.now() - start);
      const status = statuses.shift() ?? 200;
      const body =
        status === 200
          ? {
              choices: [
                {
                  index: 0,
                  message: { role: "assistant", content: "hi" },
                  finish_reason: "stop",
                },
              ],
            }
          : { error: { message: "no", code: "rate_limit_exceeded" } };
      return Response.json(body, { status, headers: { "retry-after": "3" } });
    };
    const openai = new ChatOpenAI({
      model: "gpt-5.4",
      apiKey: "key",
      useResponsesApi: false,
      configuration: { fetch },
    });
    const model = limitModel(openai, nodeWith({ api: { concurrency: 1 } }));
    const bound = model.bindTools([
      tool(() => "x", { name: "t", description: "t", schema: z.object({}) }),
    ]);
    const answer = bound.invoke("hello");
    await vi.runAllTimersAsync();
    expect((await answer).text).toBe("hi");
    expect(times).toEqual([0, 3_000]);
    // The model is as it was for those who use it without limits.
    const plain = openai.invoke("hello");
    await vi.runAllTimersAsync();
    expect((await plain).text).toBe("hi");
    expect(times).toHaveLength(4);
  });

  it("throws the client's own error, with its class and fields", async () => {
    const fetch = async () =>
      Response.json(
        { error: { message: "no", code: "insufficient_quota" } },
        { status: 429, headers: { "x-request-id": "r1" } },
      );
    const options = {
      model: "gpt-5.4",
      apiKey: "key",
      useResponsesApi: false,
      maxRetries: 0,
      configuration: { fetch },
    };
    const plain = thrownBy(
      new ChatOpenAI({ ...options, onFailedAttempt: () => {} }).invoke("x"),
    );
    const limited = thrownBy(
      limitModel(new ChatOpenAI(options), nodeWith({ api: {} })).invoke("x"),
    );
    await vi.runAllTimersAsync();
    const [expected, error] = [await plain, await limited] as Record<
      string,
      unknown
    >[];
    expect(error).toMatchObject({ status: 429, code: "insufficient_quota" });
    expect(error!["constructor"]).toBe(expected!["constructor"]);
    expect(Object.keys(error!).toSorted()).toEqual(
      Object.keys(expected!).toSorted(),
    );
  });

  it("is limited where the model is chosen late, and where it streams", async () => {
    let alive = 0;
    let most = 0;
    const piece = (content: string, reason: string | null) =>
      `data: ${JSON.stringify({
        choices: [
          {
            index: 0,
            delta: { role: "assistant", content },
            finish_reason: reason,
          },
        ],
      })}\n\n`;
    const fetch = async () => {
      alive += 1;
      most = Math.max(most, alive);
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
      alive -= 1;
      const text = `${piece("he", null)}${piece("llo", "stop")}data: [DONE]\n\n`;
      return new Response(text, {
        headers: { "content-type": "text/event-stream" },
      });
    };
    const model = await initChatModel("openai:gpt-5.4", {
      apiKey: "key",
      useResponsesApi: false,
      configuration: { fetch },
    });
    const limited = limitModel(model, nodeWith({ api: { concurrency: 1 } }));
    const read = async () => {
      const texts: string[] = [];
      for await (const { text } of await limited.stream("hi")) {
        if (text !== "") texts.push(text);
      }
      return texts;
    };
    const both = Promise.all([read(), read()]);
    await vi.runAllTimersAsync();
    expect(await both).toEqual([
      ["he", "llo"],
      ["he", "llo"],
    ]);
    expect(most).toBe(1);
  });
});

import { tool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import {
  limitModel,
  ParallelToolNode,
  type Resource,
} from "parallel-tools-node";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";

let start = 0;
beforeEach(() => {
  vi.useFakeTimers();
  start = Date.now();
});
afterEach(() => {
  vi.useRealTimers();
});

const nodeWith = (resources: Record<string, Resource>) =>
  new ParallelToolNode([], { resources });

const thrownBy = (run: Promise<unknown>): Promise<unknown> =>
  run.then(
    () => undefined,
    (error: unknown) => error,
  );

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
});

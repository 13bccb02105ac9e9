import { AIMessage, AIMessageChunk } from "@langchain/core/messages";
import { convertCompletionsMessageToBaseMessage } from "@langchain/openai";
import { describe, expect, test } from "vitest";
import { shownCalls } from "@/langgraph/written-calls.js";
import { ask, callOf } from "../support/messages.js";

const CALLS = [callOf("1", "a", { n: 1 }), callOf("2", "b", { n: 2 })];

/** What a message shows when `tool_calls` has been put into another order. */
function shownBy(message: AIMessage) {
  message.tool_calls = [...(message.tool_calls ?? [])].toReversed();
  const shown = shownCalls(message);
  return shown && { ...shown, calls: shown.calls.map(({ id }) => id) };
}

describe("a message shows its calls as the model wrote them", () => {
  test.each([
    ["Anthropic", "tool_use", "input"],
    ["LangChain's standard", "tool_call", "args"],
    ["LangChain's streamed", "tool_call_chunk", "args"],
  ])("in %s blocks", (_, type, field) => {
    const blocks = CALLS.map(({ id, name, args }) => ({
      type,
      id,
      name,
      [field]: args,
    }));
    const content = [{ type: "text", text: "Well." }, ...blocks];
    const message = new AIMessage({ content, tool_calls: CALLS } as never);
    expect(shownBy(message)).toEqual({ calls: ["1", "2"], isKept: true });
    expect(shownCalls(message)?.calls[1]).toMatchObject({
      name: "b",
      args: { n: 2 },
    });
  });

  test("in Google's blocks, which have no ids", () => {
    const content = CALLS.map(({ name, args }) => ({
      type: "functionCall",
      functionCall: { name, args },
    }));
    const message = new AIMessage({ content, tool_calls: CALLS });
    expect(shownCalls(message)?.calls).toEqual([
      { id: undefined, name: "a", args: { n: 1 } },
      { id: undefined, name: "b", args: { n: 2 } },
    ]);
  });

  test("in the raw calls that ChatOpenAI keeps", () => {
    const raw = CALLS.map(({ id, name, args }) => ({
      id: id as string,
      type: "function" as const,
      function: { name, arguments: JSON.stringify(args) },
    }));
    const message = convertCompletionsMessageToBaseMessage({
      message: {
        role: "assistant",
        content: null,
        refusal: null,
        tool_calls: raw,
      },
      rawResponse: { id: "r", model: "m", choices: [] } as never,
    });
    expect(shownBy(message as AIMessage)).toEqual({
      calls: ["1", "2"],
      isKept: true,
    });
  });

  test("in the output that OpenAI's responses keep", () => {
    const output = [
      { type: "reasoning" },
      { type: "function_call", call_id: "1", name: "a", arguments: "{}" },
      { type: "custom_tool_call", call_id: "2", name: "b", input: "x" },
      { type: "computer_call", call_id: "3", action: {} },
    ];
    const calls = [...CALLS, callOf("3", "computer_use")];
    const message = ask(...calls);
    message.response_metadata = { output };
    expect(shownBy(message)).toEqual({ calls: ["1", "2", "3"], isKept: true });
  });

  test("in the fields that it was made with, until a checkpoint", () => {
    expect(shownBy(ask(...CALLS))).toEqual({
      calls: ["1", "2"],
      isKept: false,
    });
    const chunks = CALLS.map(({ id, name, args }, index) => ({
      type: "tool_call_chunk" as const,
      ...(id && { id }),
      name,
      args: JSON.stringify(args),
      index,
    }));
    const chunk = new AIMessageChunk({ content: "", tool_call_chunks: chunks });
    expect(shownBy(chunk as never)).toMatchObject({ calls: ["1", "2"] });
  });
});

test("a message that nobody has changed shows nothing beside its calls", () => {
  expect(shownCalls(ask(...CALLS))).toBeUndefined();
  expect(shownCalls(new AIMessage("done"))).toBeUndefined();
});

test("a message of any form is read without an error", () => {
  const odd = [null, undefined, 5, "x", [], {}, { type: "tool_use" }, [[]]];
  const throwing = {
    get type(): never {
      throw new Error("no");
    },
  };
  for (const value of [...odd, odd, [throwing]]) {
    for (const key of ["content", "additional_kwargs", "response_metadata"]) {
      const message = ask(...CALLS);
      Object.assign(message, { [key]: value });
      expect(() => shownCalls(message)).not.toThrow();
      Object.assign(message, {
        [key]: {
          tool_calls: value,
          output: value,
          "parallel-tools-node": value,
        },
      });
      expect(() => shownCalls(message)).not.toThrow();
    }
  }
  const message = ask(...CALLS);
  Object.assign(message, { content: [throwing] });
  expect(shownCalls(message)).toEqual({ calls: [], isKept: true });
});

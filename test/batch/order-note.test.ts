import { AIMessage } from "@langchain/core/messages";
import { load } from "@langchain/core/load";
import { expect, test } from "vitest";
import { noteOrder } from "@/batch/order-note.js";
import { writtenOrder } from "@/batch/written-order.js";
import { shownCalls } from "@/langgraph/written-calls.js";
import { ask, callOf } from "../support/messages.js";

const CALLS = [callOf("1", "a"), callOf("2", "b"), callOf("3", "c")];

const noteOf = ({ response_metadata: metadata }: AIMessage): unknown =>
  metadata["parallel-tools-node"];

test("a note names each call, with a digest of arguments where ids don't tell them apart", () => {
  const message = ask(...CALLS);
  noteOrder(message);
  expect(noteOf(message)).toEqual({
    calls: CALLS.map(({ id, name }) => ({ id, name })),
  });
  const alike = ask(callOf("", "a", { n: 1 }), callOf(undefined, "a"));
  noteOrder(alike);
  const digest = expect.stringMatching(/^[\w-]{16}$/) as unknown;
  expect(noteOf(alike)).toEqual({
    calls: [
      { id: "", name: "a", digest },
      { name: "a", digest },
    ],
  });
});

test("a message without an order gets no note", () => {
  for (const message of [ask(), ask(CALLS[0]!), new AIMessage("done")]) {
    noteOrder(message);
    expect(noteOf(message)).toBeUndefined();
  }
});

test("a note is kept with the message, and other metadata stays", async () => {
  const metadata = { model: "m" };
  const message = ask(...CALLS);
  message.response_metadata = metadata;
  noteOrder(message);
  message.tool_calls = CALLS.toReversed();
  expect(metadata).toEqual({ model: "m" });
  const kept: AIMessage = await load(JSON.stringify(message));
  expect(kept.response_metadata["model"]).toBe("m");
  expect(kept.tool_calls?.map(({ id }) => id)).toEqual(["3", "2", "1"]);
  expect(writtenOrder(kept, shownCalls(kept)!)).toMatchObject({
    knowledge: "shown",
    indexes: [2, 1, 0],
  });
});

test("a message that a model gives again, changed since, has its first order", () => {
  const order = { calls: CALLS.map(({ id, name }) => ({ id, name })) };
  const noted = ask(...CALLS);
  noteOrder(noted);
  const changed = ask(...CALLS);
  for (const message of [noted, changed]) {
    message.tool_calls = CALLS.toReversed();
    noteOrder(message);
    expect(noteOf(message)).toEqual(order);
  }
});

test("calls that the provider has not sent get no note", () => {
  const message = new AIMessage({
    content: [{ type: "tool_use", id: "1", name: "a", input: {} }],
    tool_calls: CALLS,
  });
  noteOrder(message);
  expect(noteOf(message)).toBeUndefined();
});

test("a response of any other form is left alone", () => {
  const frozen = Object.freeze(ask(...CALLS));
  const odd = [null, 5, "x", {}, { messages: 5 }, { messages: [null, frozen] }];
  for (const response of [...odd, frozen]) {
    expect(() => noteOrder(response)).not.toThrow();
  }
  expect(noteOf(frozen)).toBeUndefined();
});

import { describe, expect, test } from "vitest";
import type { Batch } from "@/batch/read-batch.js";
import { SendNumbers } from "@/siblings/send-numbers.js";
import { callOf } from "../support/messages.js";

const sentAs = (number: number) => ({
  metadata: { langgraph_path: ["__pregel_push", number] },
});

/** For four calls, of which some have come as these Sends. */
function numbers(
  come: Readonly<Record<number, number>>,
  { seemAnswered = [], places }: Partial<Batch> = {},
): SendNumbers {
  const toolCalls = ["a", "b", "c", "d"].map((id) => callOf(id, "get"));
  const configs = toolCalls.map((_, position) => {
    const number = come[position];
    return number === undefined ? undefined : sentAs(number);
  });
  const batch = { toolCalls, seemAnswered, places } as unknown as Batch;
  return new SendNumbers(batch, configs);
}

describe("the call of a Send", () => {
  const found = (sends: SendNumbers) =>
    [0, 1, 2, 3, 4].map((number) => sends.positionOf(number));

  test.each([
    ["has the place of its number", numbers({ 2: 2 }), [0, 1, 2, 3, undefined]],
    [
      "has its number behind Sends of something else",
      numbers({ 1: 2 }),
      [undefined, 0, 1, 2, 3],
    ],
    [
      "has its place in the list of the message, where that has another order",
      numbers({ 3: 0 }, { places: [1, 2, 3, 0] }),
      [3, 0, 1, 2, undefined],
    ],
    [
      "isn't one that seems to be answered, if too few were sent",
      numbers({ 1: 0 }, { seemAnswered: [0, 2] }),
      [1, 3, undefined, undefined, undefined],
    ],
    [
      "may be one that seems to be answered, if enough were sent",
      numbers({ 1: 1 }, { seemAnswered: [0, 2] }),
      [0, 1, 2, 3, undefined],
    ],
    [
      "isn't known if the Sends have an order of their own",
      numbers({ 0: 1, 1: 0 }),
      [undefined, undefined, undefined, undefined, undefined],
    ],
  ])("%s", (_, sends, positions) => {
    expect(found(sends)).toEqual(positions);
  });
});

describe("a call that seems to be answered", () => {
  const unsent = (sends: SendNumbers) =>
    [0, 1, 2, 3].filter((position) => sends.isUnsent(position));

  test.each([
    ["was not sent if others show it", { 3: 1 }, undefined, [0, 2]],
    ["may come if others don't show it", { 3: 3 }, undefined, []],
    ["may come in another order", { 1: 0, 3: 1 }, [2, 0, 3, 1], []],
  ])("%s", (_, come, places, positions) => {
    const seemAnswered = [0, 2];
    expect(unsent(numbers(come, { seemAnswered, places }))).toEqual(positions);
  });
});

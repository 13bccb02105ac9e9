import { describe, expect, test } from "vitest";
import { CallPositions } from "@/siblings/call-positions.js";
import { callOf } from "../support/messages.js";

const CALLS = [
  callOf("1", "pay", { to: "ann", n: 1 }),
  callOf("2", "pay", { to: "ann", n: 1 }),
  callOf("x", "pay", { to: "bob" }),
  callOf("x", "ask", { to: "bob" }),
  callOf("x", "pay", { to: "cat" }),
];

describe("the call of a message that has come", () => {
  const find = (
    call: ReturnType<typeof callOf>,
    come: readonly number[] = [],
  ) => new CallPositions(CALLS).find(call, (one) => !come.includes(one));

  test.each([
    ["is known by its id", CALLS[1]!, [], 1],
    ["is known by its arguments among those with its id", CALLS[4]!, [], 4],
    [
      "is known by its tool and most of its arguments, if those were changed",
      callOf("x", "pay", { to: "cat", currency: "EUR" }),
      [],
      4,
    ],
    [
      "is known by all else if its id was changed",
      { ...CALLS[1]!, id: "new" },
      [0],
      1,
    ],
    ["is no other call when it comes again", CALLS[0]!, [0], undefined],
    [
      "is no other call with its id when it comes again, even the last that is due",
      CALLS[2]!,
      [0, 1, 2, 3],
      undefined,
    ],
    [
      "is the last with its id that is due, whatever was changed of it",
      callOf("x", "pay", { to: "dan" }),
      [0, 1, 2, 4],
      3,
    ],
    [
      "is none that it isn't like",
      callOf("new", "pay", { to: "dan" }),
      [],
      undefined,
    ],
  ])("%s", (_, call, come, position) => {
    expect(find(call, come)).toBe(position);
  });

  test("is no repetition of an equal one that has no answer yet", () => {
    const positions = new CallPositions(CALLS);
    const isOpen = (one: number) => one !== 2;
    const [nobody, all] = [() => false, () => true];
    expect(positions.find(CALLS[2]!, isOpen, nobody, nobody)).toBe(4);
    expect(positions.find(CALLS[2]!, isOpen, nobody, all)).toBeUndefined();
  });

  test("is the likely one where its arguments don't say which", () => {
    const changed = callOf("x", "pay", { to: "dan" });
    const positions = new CallPositions(CALLS);
    const isLikely = (one: number) => one === 4;
    expect(positions.find(changed, () => true, isLikely)).toBe(4);
    expect(positions.isCertain(changed, 4)).toBe(false);
    expect(positions.isCertain(CALLS[4]!, 4)).toBe(true);
    expect(positions.isCertain(callOf("1", "pay"), 0)).toBe(true);
  });
});

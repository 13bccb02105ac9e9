import { AIMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { noteOrder } from "@/batch/order-note.js";
import { writtenOrder } from "@/batch/written-order.js";
import { shownCalls } from "@/langgraph/written-calls.js";
import { ask, callOf } from "../support/messages.js";

/** `"a"`, `"-b"` for a removed one, by name; what is known; indexes. */
function read(message: AIMessage) {
  const { calls, ...rest } = writtenOrder(message, shownCalls(message)!);
  const names = calls.map(({ name, isRemoved }) =>
    isRemoved ? `-${name}` : name,
  );
  return { names, ...rest };
}

/** The message with a note, then with other calls. */
function noted(written: readonly ToolCall[], now: readonly ToolCall[]) {
  const message = ask(...written);
  noteOrder(message);
  message.tool_calls = [...now];
  return message;
}

const [a, b, c] = [callOf("1", "a"), callOf("2", "b"), callOf("3", "c")];

describe("the written order of calls that were changed is found", () => {
  test("by their ids", () => {
    expect(read(noted([a, b, c], [c, a, b]))).toEqual({
      knowledge: "shown",
      names: ["a", "b", "c"],
      indexes: [2, 0, 1],
    });
  });

  test("by their ids, where names and arguments were edited", () => {
    const edited = callOf("1", "x", { n: 1 });
    expect(read(noted([a, b, c], [c, b, edited]))).toEqual({
      knowledge: "shown",
      names: ["x", "b", "c"],
      indexes: [2, 1, 0],
    });
  });

  test("where some were taken out, which keep their places", () => {
    expect(read(noted([a, b, c], [c, a]))).toEqual({
      knowledge: "shown",
      names: ["a", "-b", "c"],
      indexes: [2, 0],
    });
  });

  test.each([undefined, "", "same"])(
    "by names and arguments, where all have the id %j",
    (id) => {
      const written = [1, 2, 3].map((n) => callOf(id, "t", { n }));
      const [first, second, third] = written as [ToolCall, ToolCall, ToolCall];
      expect(read(noted(written, [third, first, second]))).toMatchObject({
        knowledge: "shown",
        indexes: [2, 0, 1],
      });
      const edited = callOf(id, "t", { n: 9 });
      expect(read(noted(written, [first, edited, third]))).toMatchObject({
        knowledge: "shown",
        indexes: [0, 1, 2],
      });
      expect(read(noted(written, [third, first]))).toMatchObject({
        names: ["t", "-t", "t"],
        indexes: [2, 0],
      });
    },
  );

  test("in what the provider has sent, if there is no note", () => {
    const content = [a, b, c].map(({ name, args }) => ({
      type: "functionCall",
      functionCall: { name, args },
    }));
    const message = new AIMessage({
      content,
      tool_calls: [c, a, b],
    });
    expect(read(message)).toMatchObject({
      knowledge: "shown",
      indexes: [2, 0, 1],
    });
  });

  test("without the calls that could not be read", () => {
    const raw = [a, b, c].map(({ id, name }) => ({
      id,
      function: { name, arguments: name === "b" ? "{" : "{}" },
    }));
    const message = new AIMessage({
      content: "",
      tool_calls: [c, a],
      invalid_tool_calls: [{ id: "2", name: "b", args: "{" }],
      additional_kwargs: { tool_calls: raw },
    } as never);
    expect(read(message)).toMatchObject({
      names: ["a", "c"],
      indexes: [1, 0],
    });
  });

  test("for certain only in what a checkpoint keeps", () => {
    const message = ask(a, b, c);
    message.tool_calls = [c, a, b];
    expect(read(message)).toMatchObject({
      knowledge: "assumed",
      indexes: [2, 0, 1],
    });
  });
});

describe("the written order is unknown", () => {
  const unknown = { knowledge: "unknown" };

  test("where a call was added", () => {
    expect(read(noted([a, b], [a, b, c]))).toMatchObject(unknown);
    expect(read(noted([a, b], [a, c]))).toMatchObject(unknown);
  });

  test("where it can't be told which of equal calls was taken out", () => {
    const one = callOf("", "t");
    const other = callOf("", "u");
    const message = noted([one, other, one], [other, one]);
    expect(read(message)).toEqual({
      knowledge: "unknown",
      names: ["u", "t"],
      missing: 1,
    });
  });

  test("where calls without ids were taken out and edited", () => {
    const written = [1, 2, 3].map((n) => callOf("", "t", { n }));
    const now = [written[2]!, callOf("", "t", { n: 9 })];
    expect(read(noted(written, now))).toMatchObject(unknown);
  });

  test("where the note holds what is no call, or what throws", () => {
    for (const calls of [
      5,
      [null, null],
      [{}, {}, {}],
      Array(10_000).fill(0),
    ]) {
      const message = ask(a, b);
      message.response_metadata = { "parallel-tools-node": { calls } };
      expect(read(message)).toMatchObject({ ...unknown, names: ["a", "b"] });
    }
    const message = ask(a, b);
    const throwing = {
      get id(): never {
        throw new Error("no");
      },
    };
    message.response_metadata = {
      "parallel-tools-node": { calls: [throwing, throwing] },
    };
    expect(read(message)).toMatchObject(unknown);
  });
});

test("10,000 calls without ids are put in order in a moment", () => {
  const written = Array.from({ length: 10_000 }, (_, n) =>
    callOf(undefined, "t", { n }),
  );
  const { indexes } = read(noted(written, written.toReversed()));
  expect(indexes?.slice(0, 2)).toEqual([9_999, 9_998]);
});

/** What a human, or a rule, does to calls: reviewed ones come last. */
interface World {
  readonly ids: readonly (string | undefined)[];
  readonly args: readonly number[];
  readonly isReviewed: readonly boolean[];
  readonly edits: readonly boolean[];
  readonly evidence: "note" | "blocks" | "raw";
}

const worlds: fc.Arbitrary<World> = fc
  .integer({ min: 2, max: 8 })
  .chain((size) => {
    const list = <Item>(item: fc.Arbitrary<Item>) =>
      fc.array(item, { minLength: size, maxLength: size });
    return fc.record({
      ids: fc.oneof(
        fc.constant(Array.from({ length: size }, (_, n) => `id ${n}`)),
        list(fc.constantFrom(undefined, "", "call_0", "call_1")),
      ),
      args: list(fc.integer({ min: 0, max: 3 })),
      isReviewed: list(fc.boolean()),
      edits: list(fc.boolean()),
      evidence: fc.constantFrom("note", "blocks", "raw"),
    });
  });

function messageWith(
  calls: readonly ToolCall[],
  evidence: World["evidence"],
): AIMessage {
  const message = new AIMessage({
    content:
      evidence === "blocks"
        ? calls.map(({ id, name, args }) => ({
            type: "tool_use",
            id,
            name,
            input: args,
          }))
        : "",
    tool_calls: [...calls],
    additional_kwargs: {
      ...(evidence === "raw" && {
        tool_calls: calls.map(({ id, name, args }) => ({
          id,
          function: { name, arguments: JSON.stringify(args) },
        })),
      }),
    },
  } as never);
  if (evidence === "note") noteOrder(message);
  return message;
}

property.prop([worlds], { numRuns: 2_000 })(
  "what is said to be known is right, and is known where ids are unique",
  ({ ids, args, isReviewed, edits, evidence }) => {
    const written = ids.map((id, n) => callOf(id, "t", { n: args[n] }));
    const message = messageWith(written, evidence);
    const all = written.map((call, index) => {
      // Equal calls are judged alike, as a rule for calls would.
      const first = written.findIndex(
        (other) => textOf(other) === textOf(call),
      );
      const isLater = isReviewed[first] === true;
      const isEdited = isLater && edits[index] === true;
      const now = isEdited ? { ...call, args: { edited: index } } : call;
      return { index, isLater, now };
    });
    const order = [
      ...all.filter(({ isLater }) => !isLater),
      ...all.filter(({ isLater }) => isLater),
    ];
    message.tool_calls = order.map(({ now }) => now);
    const shown = shownCalls(message)!;
    const found = writtenOrder(message, shown);
    const hasOwnIds = new Set(ids).size === ids.length && !ids.includes("");
    if (hasOwnIds && !ids.includes(undefined)) {
      expect(found.knowledge).toBe("shown");
    }
    if (found.knowledge === "unknown") return;
    const indexes = found.indexes ?? [...order.keys()];
    // Equal calls stand for each other.
    expect(indexes.map((index) => textOf(found.calls[index]!))).toEqual(
      order.map(({ now }) => textOf(now)),
    );
    expect(found.calls.map(textOf)).toEqual(all.map(({ now }) => textOf(now)));
  },
);

property.prop([
  fc.integer({ min: 1, max: 30 }).chain((size) => {
    const indexes = Array.from({ length: size }, (_, index) => index);
    return fc.record({
      size: fc.constant(size),
      kept: fc.shuffledSubarray(indexes),
      edited: fc.subarray(indexes),
    });
  }),
])(
  "calls with ids of their own are found in any order, edited or with gaps",
  ({ size, kept, edited }) => {
    const written = Array.from({ length: size + 1 }, (_, n) =>
      callOf(`id ${n}`, `t${n}`),
    );
    const now = kept.map((index) =>
      edited.includes(index) ? callOf(`id ${index}`, "x") : written[index]!,
    );
    const { names, indexes } = read(noted(written, now));
    expect(indexes).toEqual(kept);
    expect(names).toEqual(
      written.map(({ name }, index) => {
        if (!kept.includes(index)) return `-${name}`;
        return edited.includes(index) ? "x" : name;
      }),
    );
  },
);

function textOf({ id = "", args }: ToolCall): string {
  return JSON.stringify([id, args]);
}

describe("the written order is not known", () => {
  test.each([undefined, "", "same"])(
    "where one of two calls was edited to be what the other was (id %j)",
    (id) => {
      const written = ["a", "b"].map((to) => callOf(id, "pay", { to }));
      const edited = ["c", "a"].map((to) => callOf(id, "pay", { to }));
      expect(read(noted(written, edited)).knowledge).toBe("unknown");
      const [one, two] = written as [ToolCall, ToolCall];
      const third = callOf(id, "pay", { to: "d" });
      const moved = [third, callOf(id, "pay", { to: "c" }), one];
      expect(read(noted([one, two, third], moved)).knowledge).toBe("unknown");
    },
  );
});

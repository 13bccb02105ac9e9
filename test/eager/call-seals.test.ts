import type { ToolCall, ToolCallChunk } from "@langchain/core/messages/tool";
import { describe, expect, test } from "vitest";
import { CallSeals } from "@/eager/call-seals.js";

/** Tells what is told, in order: `["1 find {"a":1}", "confused"]`. */
function listen() {
  const told: string[] = [];
  const seals = new CallSeals({
    onSeal: ({ id, name, args }: ToolCall) =>
      told.push(`${id} ${name} ${JSON.stringify(args)}`),
    onConfusion: () => told.push("confused"),
  });
  const write = (...pieces: Partial<ToolCallChunk>[]) =>
    seals.addPieces(
      pieces.map((piece) => ({ type: "tool_call_chunk", ...piece })),
    );
  return { told, seals, write };
}

const begins = (index: number, args: string) => ({
  index,
  id: `${index}`,
  name: "find",
  args,
});

describe("a call is sealed", () => {
  test("when the next one begins, and not when its arguments are complete", () => {
    const { told, write } = listen();
    write(begins(0, '{"a":'), { index: 0, args: "1}" });
    expect(told).toEqual([]);
    write(begins(1, "{"));
    expect(told).toEqual(['0 find {"a":1}']);
  });

  test("by the event that finishes it", () => {
    const { told, write, seals } = listen();
    write(begins(2, '{"a":'));
    seals.addFinished(1, { type: "text", text: "hm" });
    expect(told).toEqual([]);
    const call = { type: "tool_call", id: "2", name: "find", args: { a: 1 } };
    seals.addFinished(2, call);
    seals.addFinished(2, call);
    expect(told).toEqual(['2 find {"a":1}']);
  });

  test("with no arguments at all", () => {
    const { told, write } = listen();
    write(begins(0, ""), begins(1, ""));
    expect(told).toEqual(["0 find {}"]);
  });

  test("where pieces have ids and no index", () => {
    const { told, write } = listen();
    write({ id: "x", name: "find", args: '{"a":1}' });
    write({ id: "y", name: "find", args: '{"a":2}' });
    expect(told).toEqual(['x find {"a":1}']);
  });
});

describe("nothing more is told", () => {
  test("behind a call that breaks off, though LangChain reads it", () => {
    const { told, write } = listen();
    write(begins(0, '{"a":1'), begins(1, '{"a":2}'), begins(2, "{"));
    expect(told).toEqual(["confused"]);
  });

  test("when something is added to a call that was complete", () => {
    const { told, write } = listen();
    write(begins(0, '{"a":1}'), begins(1, '{"a":2}'));
    write({ index: 0, args: " " }, begins(2, '{"a":3}'), begins(3, "{"));
    expect(told.slice(0, 1)).toEqual(['0 find {"a":1}']);
    expect(told.at(-1)).toBe("confused");
    expect(told.join()).not.toContain('"a":3');
  });

  test("behind an event that finishes a call which can't be read", () => {
    const { told, seals, write } = listen();
    write(begins(0, '{"a"'));
    seals.addFinished(0, { type: "invalid_tool_call", id: "0", args: '{"a"' });
    write(begins(1, '{"a":2}'), begins(2, "{"));
    expect(told).toEqual(["confused"]);
  });
});

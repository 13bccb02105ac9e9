import fc from "fast-check";
import type { ToolPolicy } from "parallel-tools-node";
import type { Scene } from "./play.js";
import type { Piece, Turn } from "./streaming-model.js";
import { timedTool } from "./timed-tools.js";
import { USAGE, writeTurn } from "./write-turn.js";

/** A scene that was drawn, and how exactly it has to be the same. */
export interface DrawnScene {
  readonly scene: Scene;
  readonly of: "all" | "state";
  /** How often each call ran. */
  readonly countRuns: (log: readonly string[]) => Record<string, number>;
}

interface DrawnCall {
  readonly id: string | undefined;
  readonly name: string;
  readonly json: string;
  /** Where its text is cut. */
  readonly cuts: readonly number[];
  /** The index that the model gives. `undefined`: it gives none. */
  readonly index: number | undefined;
}

interface DrawnTool {
  readonly ms: number;
  readonly fails: boolean;
  readonly policy: ToolPolicy | undefined;
}

const NAMES = ["first", "second", "third"] as const;

const text = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom("a", "b", "c", "d e", 'q"', "ü\\n") },
  { weight: 1, arbitrary: fc.string({ maxLength: 8 }) },
);

const json = fc.oneof(
  { weight: 40, arbitrary: text.map((one) => JSON.stringify({ text: one })) },
  {
    weight: 1,
    arbitrary: text.map((one) => JSON.stringify({ text: one }).slice(0, -2)),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "",
      "{}",
      "[]",
      "null",
      '{"text":1}',
      "{nope",
      '{"text":"a"}}',
      ' {"text" : "a"} ',
      '{"text":"a","text":"b"}',
    ),
  },
);

const call = fc.record({
  name: fc.oneof(
    { weight: 40, arbitrary: fc.constantFrom(...NAMES) },
    { weight: 1, arbitrary: fc.constantFrom("missing", "") },
  ),
  json,
  cuts: fc.array(fc.nat(30), { maxLength: 6 }),
});

const tool: fc.Arbitrary<DrawnTool> = fc.record({
  ms: fc.constantFrom(0, 1, 3, 7, 20, 50),
  fails: fc.oneof(
    { weight: 5, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
  policy: fc.option(
    fc.record(
      {
        readOnly: fc.constantFrom(true, true, true, true, true, false),
        concurrency: fc.constantFrom(1, 2),
        timeoutMs: fc.constantFrom(5, 30, 1_000),
        dedupe: fc.boolean(),
        eager: fc.constantFrom(true, true, true, false),
        sequential: fc.constantFrom(false, false, false, true),
        retry: fc.constant(false as const),
        rateLimit: fc.constant({ limit: 2, intervalMs: 15, jitterMs: 0 }),
      },
      { requiredKeys: ["retry", "readOnly"] },
    ),
    { freq: 12, nil: undefined },
  ) as fc.Arbitrary<ToolPolicy | undefined>,
});

export const arbitraryScene: fc.Arbitrary<DrawnScene> = fc
  .record({
    calls: fc.array(call, { minLength: 2, maxLength: 7 }),
    ids: fc.constantFrom(
      "all",
      "all",
      "all",
      "all",
      "repeated",
      "missing",
      "empty",
    ),
    indexes: fc.constantFrom(
      "rising",
      "rising",
      "rising",
      "rising",
      "rising",
      "rising",
      "gaps",
      "none",
      "same",
      "falling",
    ),
    interleaved: fc.oneof(
      { weight: 4, arbitrary: fc.constant(false) },
      { weight: 1, arbitrary: fc.constant(true) },
    ),
    repeats: fc.oneof(
      { weight: 8, arbitrary: fc.constant(false) },
      { weight: 1, arbitrary: fc.constant(true) },
    ),
    stop: fc.constantFrom(
      "tool_calls",
      "tool_calls",
      "tool_calls",
      "length",
      "content_filter",
      "stop",
    ),
    cutAfter: fc.option(fc.nat(30), { freq: 1, nil: undefined }),
    order: fc.array(fc.nat(100), { minLength: 60, maxLength: 60 }),
    ms: fc.array(fc.constantFrom(0, 1, 2, 5, 11), {
      minLength: 60,
      maxLength: 60,
    }),
    tools: fc.tuple(tool, tool, tool),
    maxCalls: fc.option(fc.integer({ min: 1, max: 5 }), {
      freq: 1,
      nil: undefined,
    }),
    hasText: fc.boolean(),
    tellsEvents: fc.oneof(
      { weight: 3, arbitrary: fc.constant(false) },
      { weight: 1, arbitrary: fc.constant(true) },
    ),
    by: fc.constantFrom(
      "stream" as const,
      "stream" as const,
      "invoke" as const,
    ),
  })
  .map((drawn) => {
    const calls = drawn.calls.map(
      (one, at): DrawnCall => ({
        ...one,
        id: idAt(drawn.ids, at),
        index: indexAt(drawn.indexes, at),
      }),
    );
    const turn = turnOf(calls, drawn);
    const policies = Object.fromEntries(
      NAMES.flatMap((name, at) => {
        const { policy } = drawn.tools[at]!;
        return policy ? [[name, policy]] : [];
      }),
    );
    const scene: Scene = {
      turns: [turn, AFTERWARDS],
      tools: (log) =>
        NAMES.map((name, at) => {
          const { ms, fails } = drawn.tools[at]!;
          return timedTool(name, log, ms, ({ writer, toolCallId }) => {
            if (fails) throw new Error(`${name} is down`);
            writer?.({ call: toolCallId });
          });
        }),
      options: {
        policies,
        ...(drawn.maxCalls !== undefined && { maxCalls: drawn.maxCalls }),
      },
      tellsEvents: drawn.tellsEvents,
      by: drawn.by,
    };
    return {
      scene,
      // Without an own id it can't be told which call something is of. A piece that comes
      // again may be a second call with the same one.
      of: drawn.ids === "all" && !drawn.repeats ? "all" : "state",
      countRuns,
    };
  });

function countRuns(log: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const line of log) {
    const [, what] = /^\d+ (.*) starts$/s.exec(line) ?? [];
    if (what !== undefined) counts[what] = (counts[what] ?? 0) + 1;
  }
  return counts;
}

function idAt(ids: string, at: number): string | undefined {
  if (ids === "repeated") return `id-${at % 2}`;
  if (ids === "missing" && at % 2 === 1) return undefined;
  if (ids === "empty" && at % 2 === 1) return "";
  return `id-${at}`;
}

function indexAt(indexes: string, at: number): number | undefined {
  switch (indexes) {
    case "gaps":
      return at * 2 + 1;
    case "none":
      return undefined;
    case "same":
      return 0;
    case "falling":
      return 10 - at;
    default:
      return at;
  }
}

/** Hangs if a slot is lost. */
const AFTERWARDS = writeTurn(
  NAMES.map((name) => ({ id: `after-${name}`, name, args: { text: "after" } })),
);

interface DrawnTurn {
  readonly interleaved: boolean;
  readonly repeats: boolean;
  readonly stop: string;
  readonly cutAfter: number | undefined;
  readonly order: readonly number[];
  readonly ms: readonly number[];
  readonly hasText: boolean;
}

function turnOf(
  calls: readonly DrawnCall[],
  { interleaved, repeats, stop, cutAfter, order, ms, hasText }: DrawnTurn,
): Turn {
  const rows = calls.map((one) => piecesOf(one));
  const pieces: Piece[] = [];
  for (let at = 0; rows.some((row) => row.length > 0); at += 1) {
    const left = rows.filter((row) => row.length > 0);
    const row = interleaved ? left[order[at % 60]! % left.length]! : left[0]!;
    pieces.push(row.shift()!);
  }
  if (repeats) pieces.splice(2, 0, ...pieces.slice(1, 2));
  const kept = cutAfter === undefined ? pieces : pieces.slice(0, cutAfter);
  return [
    ...(hasText ? [{ text: "Well." }] : []),
    ...kept,
    { stop, usage: USAGE },
  ].map((piece, at) => ({ ...piece, ms: ms[at % 60]! }));
}

function piecesOf({ id, name, json: all, cuts, index }: DrawnCall): Piece[] {
  const places = [...new Set([0, ...cuts])]
    .filter((place) => place < Math.max(1, all.length))
    .toSorted((a, b) => a - b);
  return places.map((from, at) => ({
    calls: [
      {
        ...(index !== undefined && { index }),
        ...(at === 0 && id !== undefined && { id }),
        ...(at === 0 && { name }),
        args: all.slice(from, places[at + 1]),
      },
    ],
  }));
}

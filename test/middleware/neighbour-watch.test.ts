import { createMiddleware } from "langchain";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type Neighbours, NeighbourWatch } from "@/middleware/neighbours.js";
import { callOf } from "../support/messages.js";
import { Notes } from "./support/notes.js";
import { ScriptedAgent, VERSIONS } from "./support/scripted-agent.js";

afterEach(() => vi.restoreAllMocks());

const CALLS = [callOf("1", "t"), callOf("2", "t")];

function watching() {
  const seen: Neighbours[] = [];
  const watch = new NeighbourWatch();
  const own = createMiddleware({
    name: "own",
    wrapToolCall: function hook(request, handler) {
      const { signal } = request.runtime as { signal?: AbortSignal };
      seen.push(watch.callerOf(hook, signal).neighbours);
      return handler(request);
    },
  });
  return { own, seen };
}

/** Middleware that wraps tool calls, at once and after a while. */
function others(place: string, count: number) {
  return Array.from({ length: count }, (_, i) =>
    createMiddleware({
      name: `${place} ${i}`,
      wrapToolCall:
        i % 2 === 0
          ? (request, handler) => handler(request)
          : async (request, handler) => {
              await Promise.resolve();
              return handler(request);
            },
    }),
  );
}

// These fail when LangChain calls hooks in another way: see the header of
// `neighbours.ts`.
describe.each(VERSIONS)("a hook in createAgent %s", (version) => {
  const run = async (
    own: ReturnType<typeof watching>["own"],
    before = 0,
    after = 0,
  ) => {
    const agent = new ScriptedAgent(new Notes().tools("t"), [CALLS], {
      version,
      options: "none",
      before: [...others("before", before), own],
      after: others("after", after),
    });
    expect((await agent.run()).answers).toHaveLength(CALLS.length);
  };

  test.each<[number, number, Neighbours]>([
    [0, 0, "none"],
    [1, 0, "in front"],
    [2, 0, "in front"],
    [3, 0, "in front"],
    [0, 1, "behind"],
    [0, 2, "behind"],
    [0, 3, "behind"],
    [1, 1, "on both sides"],
    [2, 2, "on both sides"],
  ])(
    "with %i other hooks before it and %i behind it knows of those %s",
    async (before, after, expected) => {
      const { own, seen } = watching();
      await run(own, before, after);
      expect(seen).toEqual([expected, expected]);
    },
  );

  test("doesn't count middleware that wraps no tool calls", async () => {
    const { own, seen } = watching();
    const agent = new ScriptedAgent(new Notes().tools("t"), [CALLS], {
      version,
      options: "none",
      before: [createMiddleware({ name: "a", beforeModel: () => undefined })],
      after: [
        own,
        createMiddleware({
          name: "b",
          wrapModelCall: (request, handler) => handler(request),
        }),
      ],
    });
    await agent.run();
    expect(seen).toEqual(["none", "none"]);
  });

  test("is told apart in each agent that it is in", async () => {
    const { own, seen } = watching();
    await run(own);
    await run(own, 0, 1);
    await run(own, 1, 0);
    expect(seen.filter((_, i) => i % 2 === 0)).toEqual([
      "none",
      "behind",
      "in front",
    ]);
  });

  test("is told apart when its middleware was copied", async () => {
    const { own, seen } = watching();
    await run({ ...own, name: "copy" });
    await run({ ...own, name: "copy" }, 0, 1);
    expect(seen).toEqual(["none", "none", "behind", "behind"]);
  });

  test("that another middleware calls itself is in no place that is known", async () => {
    const { own, seen } = watching();
    const { wrapToolCall } = own;
    const calling = createMiddleware({
      name: "calling",
      wrapToolCall: (request, handler) =>
        wrapToolCall!(request as never, handler as never),
    });
    await run(calling as never);
    expect(seen).toEqual(["unknown", "unknown"]);
  });

  test("takes one stack for all calls of a step", async () => {
    const { own } = watching();
    const capture = vi.spyOn(Error, "captureStackTrace");
    await run(own);
    const taken = capture.mock.calls.filter(
      ([, above]) => above === (own.wrapToolCall as unknown),
    );
    expect(taken).toHaveLength(1);
  });

  test.each([
    ["takes no stacks", "captureStackTrace", undefined],
    ["shows other stacks", "prepareStackTrace", () => ["another form"]],
    ["hides its stacks", "prepareStackTrace", () => "Error"],
  ])("of an engine that %s is in no place that is known", async (...engine) => {
    const [, key, value] = engine;
    const errors = Error as unknown as Record<string, unknown>;
    const before = errors[key];
    const { own, seen } = watching();
    errors[key] = value;
    try {
      await run(own, 0, 1);
    } finally {
      errors[key] = before;
    }
    expect(seen).toEqual(["unknown", "unknown"]);
  });
});

test("a hook leaves the length of stacks as it was", async () => {
  const limit = Error.stackTraceLimit;
  const { own } = watching();
  const agent = new ScriptedAgent(new Notes().tools("t"), [CALLS], {
    options: "none",
    before: [own],
  });
  await agent.run();
  expect(Error.stackTraceLimit).toBe(limit);
});

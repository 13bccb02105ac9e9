import type { ParallelToolNodeOptions } from "parallel-tools-node";
import { describe, expect, test } from "vitest";
import { expectSame } from "./support/compare.js";
import { EAGER_HOSTS } from "./support/hosts.js";
import type { Scene } from "./support/play.js";
import { timedTool } from "./support/timed-tools.js";
import { useFakeTimers } from "./support/use-fake-timers.js";
import { writeTurn, type WrittenCall } from "./support/write-turn.js";

useFakeTimers();

const calls = (...texts: string[]): WrittenCall[] =>
  texts.map((text, index) => ({
    id: `${index}`,
    name: "look",
    args: { text },
  }));

function scene(
  options: ParallelToolNodeOptions,
  written: WrittenCall[] = calls("a", "b", "c", "d"),
  more: Partial<Scene> = {},
): Scene {
  return {
    turns: [writeTurn(written)],
    tools: (log) => [
      timedTool("look", log, 20),
      timedTool("save", log, 20),
      timedTool("other", log, 20),
    ],
    options,
    ...more,
  };
}

/** How many ran at the same time. */
function mostAtOnce(log: readonly string[]): number {
  let running = 0;
  return Math.max(
    ...log.map((line) => (running += line.endsWith("starts") ? 1 : -1)),
  );
}
const startsOf = (log: readonly string[]) =>
  log.filter((line) => line.endsWith("starts"));

describe.each(EAGER_HOSTS)("in %s", (host) => {
  test("what a server refuses closes it at once, for all who share it", async () => {
    let refused = false;
    const create = (): Scene => {
      refused = false;
      return scene(
        { policies: { look: { readOnly: true, concurrency: 1 } } },
        calls("a", "b", "c"),
        {
          tools: (log) => [
            timedTool("look", log, 5, () => {
              if (refused) return undefined;
              refused = true;
              throw Object.assign(new Error("429"), {
                status: 429,
                headers: { "retry-after": "1" },
              });
            }),
          ],
        },
      );
    };
    const { eager } = await expectSame(host, create, { of: "state" });
    expect(eager.log).toEqual([
      "25 look a starts",
      "30 look a throws",
      "1030 look a starts",
      "1035 look a ends",
      "1035 look b starts",
      "1040 look b ends",
      "1040 look c starts",
      "1045 look c ends",
    ]);
    const [first] = eager.reports[0]!.calls;
    expect(first!.runs).toEqual([
      { startMs: 0, endMs: 5 },
      { startMs: 1005, endMs: 1010 },
    ]);
    expect(first!.waits.map((wait) => wait.for)).toContain("feedback");
  });

  test("a cap holds", async () => {
    const { eager } = await expectSame(
      host,
      scene({ policies: { look: { readOnly: true, concurrency: 1 } } }),
    );
    expect(mostAtOnce(eager.log)).toBe(1);
    expect(startsOf(eager.log)).toEqual([
      "25 look a starts",
      "45 look b starts",
      "65 look c starts",
      "85 look d starts",
    ]);
  });

  test("maxConcurrency of the run holds", async () => {
    const { eager } = await expectSame(
      host,
      scene(
        { policies: { look: { readOnly: true } } },
        calls("a", "b", "c", "d", "e", "f"),
        {
          config: { maxConcurrency: 2 },
        },
      ),
      { of: "state" },
    );
    expect(mostAtOnce(eager.log)).toBe(2);
  });

  test("maxConcurrency of the node holds", async () => {
    const { eager } = await expectSame(
      host,
      scene({ maxConcurrency: 1, policies: { look: { readOnly: true } } }),
    );
    expect(mostAtOnce(eager.log)).toBe(1);
    expect(eager.log[0]).toBe("25 look a starts");
  });

  test("a resource that both kinds of calls take holds", async () => {
    const { eager } = await expectSame(
      host,
      scene(
        {
          resources: { api: { concurrency: 1 } },
          policies: {
            look: { readOnly: true, resources: ["api"] },
            save: { resources: ["api"] },
          },
        },
        [...calls("a", "b"), { id: "s", name: "save", args: { text: "s" } }],
      ),
    );
    expect(mostAtOnce(eager.log)).toBe(1);
    expect(eager.log[0]).toBe("25 look a starts");
  });

  test("a rate is paid once for each call", async () => {
    const { eager } = await expectSame(
      host,
      scene({
        policies: {
          look: {
            readOnly: true,
            rateLimit: { limit: 2, intervalMs: 30, jitterMs: 0 },
          },
        },
      }),
      { of: "state" },
    );
    expect(startsOf(eager.log)).toHaveLength(4);
  });

  test("equal calls run once", async () => {
    const { eager } = await expectSame(
      host,
      scene(
        { policies: { look: { readOnly: true } } },
        calls("a", "a", "b", "a", "b"),
      ),
      { of: "state" },
    );
    expect(startsOf(eager.log)).toEqual([
      "25 look a starts",
      "45 look b starts",
    ]);
  });

  test("calls beyond maxCalls don't start", async () => {
    const { eager } = await expectSame(
      host,
      scene({ maxCalls: 2, policies: { look: { readOnly: true } } }),
    );
    expect(startsOf(eager.log)).toEqual([
      "25 look a starts",
      "35 look b starts",
    ]);
  });

  test("a time limit counts from the start", async () => {
    const { eager } = await expectSame(
      host,
      scene(
        { policies: { look: { readOnly: true, timeoutMs: 15, retry: false } } },
        calls("a", "b"),
      ),
      { of: "state" },
    );
    expect(eager.log).toEqual([
      "25 look a starts",
      "40 look a throws",
      "40 look b starts",
      "55 look b throws",
    ]);
  });

  test("a time limit that ends after the message counts from the start", async () => {
    const { eager } = await expectSame(
      host,
      scene(
        { policies: { look: { readOnly: true, timeoutMs: 18, retry: false } } },
        calls("a", "b"),
      ),
      { of: "state" },
    );
    expect(eager.log).toEqual([
      "25 look a starts",
      "40 look b starts",
      "43 look a throws",
      "58 look b throws",
    ]);
  });

  test("references to calls that started early are resolved", async () => {
    const { eager } = await expectSame(
      host,
      scene(
        { references: true, policies: { look: { readOnly: true } } },
        calls("a", "$1", "$2", "x"),
      ),
      { of: "state" },
    );
    expect(startsOf(eager.log)).toEqual([
      "25 look a starts",
      "45 look look: a starts",
      "60 look x starts",
      "65 look look: look: a starts",
    ]);
  });

  test("a circuit hears of failures before more is started", async () => {
    const circuitScene = () =>
      scene(
        {
          resources: {
            api: { concurrency: 1, circuit: { failures: 2, resetMs: 1_000 } },
          },
          policies: {
            fail: { readOnly: true, resources: "api", retry: false },
          },
        },
        calls("a", "b", "c", "d").map((call) => ({ ...call, name: "fail" })),
        {
          tools: (log) => [
            timedTool("fail", log, 2, () => {
              throw new Error("no");
            }),
          ],
        },
      );
    const { plain, eager } = await expectSame(host, circuitScene);
    expect(startsOf(plain.log)).toHaveLength(2);
    expect(startsOf(eager.log)).toHaveLength(2);
    expect(startsOf(eager.log)[0]).toBe("25 fail a starts");
  });
});

test("calls whose indexes fall are left to the message", async () => {
  const turn = writeTurn(calls("a", "b", "c")).slice(1);
  const turns = [
    turn.map((piece) => ({
      ...piece,
      ...(piece.calls && {
        calls: piece.calls.map((one) => ({ ...one, index: 9 - one.index! })),
      }),
    })),
  ];
  const options = { policies: { look: { readOnly: true } } };
  const events = { turns, tellsEvents: true };
  const { eager } = await expectSame("react v1", scene(options, [], events));
  expect(startsOf(eager.log)).toEqual([
    "15 look a starts",
    "40 look c starts",
    "40 look b starts",
    "40 look a starts",
  ]);
});

describe.each(EAGER_HOSTS)("in %s nothing starts early", (host) => {
  test.each<[string, ParallelToolNodeOptions]>([
    ["without a policy", {}],
    [
      "with eager: false",
      { policies: { look: { readOnly: true, eager: false } } },
    ],
    [
      "of a tool that is only idempotent",
      { policies: { look: { idempotent: true } } },
    ],
    [
      "after another tool",
      { policies: { look: { readOnly: true, after: ["other"] } } },
    ],
    [
      "where a function decides on the mode",
      { sequential: () => false, policies: { look: { readOnly: true } } },
    ],
  ])("%s", async (_, options) => {
    const { eager } = await expectSame(host, scene(options));
    expect(eager.log[0]).toBe("60 look a starts");
  });

  test("behind a write of what it reads", async () => {
    const written = ["save", "look", "other"].map((name, at) => ({
      id: `${at}`,
      name,
      args: { text: name },
    }));
    const options: ParallelToolNodeOptions = {
      policies: {
        save: { access: [{ key: "k", mode: "write" }] },
        look: { readOnly: true, access: [{ key: "k", mode: "read" }] },
      },
    };
    const { eager } = await expectSame(host, scene(options, written));
    expect(startsOf(eager.log)).toEqual([
      "50 save save starts",
      "50 other other starts",
      "70 look look starts",
    ]);
  });
});

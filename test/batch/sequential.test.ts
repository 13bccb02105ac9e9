import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
} from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { deferred } from "@/answers/not-run.js";
import { settle } from "../support/fake-clock.js";
import { answerLines, ask, callOf } from "../support/messages.js";
import { Stage } from "../support/stage.js";

const IDS = ["a", "b", "c", "d"];

/** Calls a and b of `t`, c of `special`, d of `t`; each ends when it starts. */
async function run(
  options: ParallelToolNodeOptions,
  config: Record<string, unknown> = {},
) {
  const stage = new Stage();
  const node = new ParallelToolNode(stage.tools("t", "special"), options);
  for (const id of IDS) await stage.finish(id);
  const calls = IDS.map((id) => callOf(id, id === "c" ? "special" : "t"));
  const input = { messages: [ask(...calls)], mood: "careful" };
  const { messages } = await node.invoke(input, { configurable: config });
  return { log: stage.log, answers: answerLines(messages) };
}

const PARALLEL = [
  ...IDS.map((id) => `${id} start`),
  ...IDS.map((id) => `${id} end`),
];
const ONE_BY_ONE = IDS.flatMap((id) => [`${id} start`, `${id} end`]);
const FIRST_ONLY = ["a start", "a end"];
const ALL_OK = IDS.map((id) => `${id} ok: ${id} result`);

function notYet(id: string, ordinal: number, name: string): string {
  return `${id} error: ${deferred({ ordinal, name })}`;
}

describe("per tool", () => {
  it("a sequential call runs alone, after all before and before all behind", async () => {
    const policies = { special: { sequential: true } };
    const { log, answers } = await run({ policies });
    expect(log).toEqual([
      "a start",
      "b start",
      "a end",
      "b end",
      "c start",
      "c end",
      "d start",
      "d end",
    ]);
    expect(answers).toEqual(ALL_OK);
  });

  it("a barrier holds until the call has ended, not only begun", async () => {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("t", "special"), {
      policies: { special: { sequential: true } },
    });
    const run = node.invoke([
      ask(callOf("a", "t"), callOf("s", "special"), callOf("b", "t")),
    ]);
    await settle();
    expect(stage.log).toEqual(["a start"]);
    await stage.finish("a");
    expect(stage.log).toEqual(["a start", "a end", "s start"]);
    await stage.finish("s");
    expect(stage.log.slice(3)).toEqual(["s end", "b start"]);
    await stage.finish("b");
    expect(await run).toHaveLength(3);
  });

  it("a call behind a replan call is deferred, with a reason", async () => {
    const policies = { special: { sequential: "replan" } } as const;
    const { log, answers } = await run({ policies });
    expect(log).toEqual([
      "a start",
      "b start",
      "a end",
      "b end",
      "c start",
      "c end",
    ]);
    expect(answers).toEqual([...ALL_OK.slice(0, 3), notYet("d", 3, "special")]);
  });

  it("a deferred call stays deferred when the replan call fails", async () => {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("special", "t"), {
      policies: { special: { sequential: "replan" } },
    });
    await stage.fail("a");
    const answers = await node.invoke([
      ask(callOf("a", "special"), callOf("b", "t"), callOf("c", "missing")),
    ]);
    expect(answerLines(answers)).toEqual([
      "a error: Error: a broke\n Please fix your mistakes.",
      notYet("b", 1, "special"),
      notYet("c", 1, "special"),
    ]);
  });
});

describe("per node", () => {
  it.each([
    [undefined, PARALLEL],
    [false, PARALLEL],
    [true, ONE_BY_ONE],
  ])(
    "sequential: %s runs the whole batch that way",
    async (sequential, log) => {
      const ran = await run(sequential === undefined ? {} : { sequential });
      expect(ran).toEqual({ log, answers: ALL_OK });
    },
  );

  it('"replan" runs the first call only', async () => {
    const ran = await run({ sequential: "replan" });
    expect(ran.log).toEqual(FIRST_ONLY);
    expect(ran.answers).toEqual([
      "a ok: a result",
      notYet("b", 1, "t"),
      notYet("c", 1, "t"),
      notYet("d", 1, "t"),
    ]);
  });
});

describe("per batch", () => {
  it.each([
    [false, PARALLEL],
    [true, ONE_BY_ONE],
    ["replan" as const, FIRST_ONLY],
  ])("a function that returns %s decides", async (chosen, log) => {
    expect((await run({ sequential: () => chosen })).log).toEqual(log);
  });

  it("the function sees the calls that are not answered, and the state", async () => {
    const seen: unknown[] = [];
    await run({
      sequential: ({ toolCalls, state }) => {
        const { mood } = state as { mood: string };
        seen.push(
          toolCalls.map(({ name }) => name),
          mood,
        );
        return false;
      },
    });
    expect(seen).toEqual([["t", "t", "special", "t"], "careful"]);
  });

  it("an error of the function is the error of the batch", async () => {
    const options = {
      sequential: () => {
        throw new Error("no mood");
      },
    };
    await expect(run(options)).rejects.toThrow("no mood");
  });
});

describe("per invocation", () => {
  it.each([
    ["parallel", PARALLEL],
    ["sequential", ONE_BY_ONE],
    ["replan", FIRST_ONLY],
  ])("toolExecution: %s goes before the node's own", async (asked, log) => {
    const config = { toolExecution: asked };
    for (const sequential of [true, false, "replan" as const]) {
      expect((await run({ sequential }, config)).log).toEqual(log);
    }
  });

  it("parallel does not lift the barrier of a tool", async () => {
    const options = { policies: { special: { sequential: true } } };
    const { log } = await run(options, { toolExecution: "parallel" });
    expect(log.slice(0, 5)).toEqual([
      "a start",
      "b start",
      "a end",
      "b end",
      "c start",
    ]);
  });
});

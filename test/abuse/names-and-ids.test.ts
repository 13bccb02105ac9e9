import { ParallelToolNode, planBatch, write } from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { settle } from "../support/fake-clock.js";
import { answerLines, ask, callOf } from "../support/messages.js";
import { Stage } from "../support/stage.js";

const NAMES = [
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "valueOf",
];

/** A record that really has the key, `__proto__` too. */
function recordOf<Value>(keys: readonly string[], value: Value) {
  return Object.fromEntries(keys.map((key) => [key, value]));
}

describe("names of Object.prototype's members", () => {
  it("are names of tools like all others", async () => {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools(...NAMES), {
      policies: recordOf(NAMES, { sequential: true }),
    });
    for (const name of NAMES) await stage.finish(`id of ${name}`);
    const calls = NAMES.map((name) => callOf(`id of ${name}`, name));
    const answers = await node.invoke([ask(...calls)]);
    expect(answerLines(answers)).toEqual(
      NAMES.map((name) => `id of ${name} ok: id of ${name} result`),
    );
    expect(stage.log).toEqual(
      NAMES.flatMap((name) => [`id of ${name} start`, `id of ${name} end`]),
    );
  });

  it("have no policy when only a default was given", async () => {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("t"), {
      defaultPolicy: { sequential: "replan" },
    });
    const calls = NAMES.map((name) => callOf(name, name));
    const answers = await node.invoke([ask(...calls)]);
    expect(answerLines(answers)).toEqual(
      NAMES.map(
        (name) =>
          `${name} error: Error: Tool "${name}" not found.\n Please fix your mistakes.`,
      ),
    );
  });

  it("are names of resources", async () => {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("t"), {
      resources: recordOf(NAMES, { concurrency: 1 }),
      policies: { t: { resources: ({ use }) => use as string } },
    });
    const calls = [...NAMES, ...NAMES].map((use, i) =>
      callOf(`${i}`, "t", { use }),
    );
    const run = node.invoke([ask(...calls)]);
    await settle();
    expect(stage.log).toEqual(NAMES.map((_, i) => `${i} start`));
    for (const { id = "" } of calls) await stage.finish(id);
    expect(await run).toHaveLength(calls.length);
  });

  it("are keys of access, each for itself", () => {
    const plan = planBatch(
      [...NAMES, ...NAMES].map((key) => callOf(undefined, "t", { key })),
      { policies: { t: { access: ({ key }) => [write(key as string)] } } },
    );
    expect(plan.calls.map(({ dependsOn }) => dependsOn)).toEqual([
      ...NAMES.map(() => []),
      ...NAMES.map((key, index) => [
        { index, reason: "conflict", detail: key },
      ]),
    ]);
  });

  it("are ids, and tell an answered call from one that is not", async () => {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("t"));
    for (const name of NAMES) await stage.finish(name);
    const calls = NAMES.map((name) => callOf(name, "t"));
    const first = await node.invoke([ask(...calls)]);
    expect(answerLines(first)).toEqual(
      NAMES.map((name) => `${name} ok: ${name} result`),
    );
    const rest = await node.invoke([ask(...calls), ...first.slice(1)]);
    expect(answerLines(rest)).toEqual(["__proto__ ok: __proto__ result"]);
  });

  it("are arguments by which identical calls are told apart", () => {
    const args = [
      '{"__proto__": 1}',
      '{"__proto__": 2}',
      "{}",
      '{"__proto__": 1}',
    ].map((text) => JSON.parse(text) as Record<string, unknown>);
    const plan = planBatch(
      args.map((value) => callOf(undefined, "t", value)),
      { policies: { t: { dedupe: true } } },
    );
    expect(plan.calls.map(({ sameAs }) => sameAs)).toEqual([
      undefined,
      undefined,
      undefined,
      0,
    ]);
  });
});

describe("ids", () => {
  it("may be missing or the same, and each call has its own answer", async () => {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("t"), {
      policies: { t: { concurrency: 1, access: [write("k")] } },
    });
    await stage.finish("twice");
    await stage.finish("", "nameless result");
    const answers = await node.invoke([
      ask(
        callOf("twice", "t"),
        callOf(undefined, "t"),
        callOf("twice", "t"),
        callOf(undefined, "t"),
      ),
    ]);
    expect(answerLines(answers)).toEqual([
      "twice ok: twice result",
      "undefined ok: nameless result",
      "twice ok: twice result",
      "undefined ok: nameless result",
    ]);
  });

  it("of a call that shares an answer may be missing", async () => {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("t"), {
      policies: { t: { readOnly: true } },
    });
    await stage.finish("a");
    const answers = await node.invoke([
      ask(callOf("a", "t"), callOf(undefined, "t")),
    ]);
    expect(answerLines(answers)).toEqual(["a ok: a result", " ok: a result"]);
    expect(stage.log).toEqual(["a start", "a end"]);
  });
});

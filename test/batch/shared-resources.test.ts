import pLimit from "p-limit";
import {
  inProcessLimits,
  ParallelToolNode,
  type ParallelToolNodeOptions,
  type Resource,
  resource,
} from "parallel-tools-node";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { resourceRegistryOf } from "@/limits/resource-registry.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { ask, callOf } from "../support/messages.js";
import { Stage } from "../support/stage.js";

let warned: string[];
beforeEach(() => {
  warned = [];
  vi.spyOn(console, "warn").mockImplementation((text: string) => {
    warned.push(text);
  });
});
afterEach(() => vi.restoreAllMocks());

/** The log of two nodes, of which each is asked for a call of the name. */
async function playTwo(
  first: Record<string, Resource>,
  second: Record<string, Resource>,
  options: ParallelToolNodeOptions = {},
): Promise<readonly string[]> {
  const stage = new Stage();
  const runs = [first, second].map((resources, i) => {
    const policies = { t: { resources: Object.keys(resources)[0]! } };
    const node = new ParallelToolNode(stage.tools("t"), {
      ...options,
      policies,
      resources,
    });
    return node.invoke([ask(callOf(i === 0 ? "a" : "b", "t"))]);
  });
  await settle();
  const log = [...stage.log];
  for (const id of ["a", "b"]) await stage.finish(id);
  await Promise.all(runs);
  return log;
}

const shared = ["a start"];
const apart = ["a start", "b start"];

describe("a resource that was made once", () => {
  it("is shared wherever it stands, under whatever name", async () => {
    const db = resource({ concurrency: 1 });
    const own = { concurrency: 4 };
    expect(await playTwo({ db }, { db, own })).toEqual(shared);
    expect(await playTwo({ db }, { database: db })).toEqual(shared);
    expect(warned).toEqual([]);
  });

  it("is not shared by a copy", async () => {
    const db = resource({ concurrency: 1 });
    const copy = { copied: structuredClone(db) };
    expect(await playTwo({ copied: db }, copy)).toEqual(apart);
    expect(warned).toHaveLength(1);
  });

  it("stays as it was made, and so do the options", () => {
    const options = { rateLimit: { limit: 3, intervalMs: 1_000 } };
    const serp = resource(options);
    expect(serp).toEqual(options);
    expect(() => Object.assign(serp, { concurrency: 1 })).toThrow(TypeError);
    options.rateLimit.limit = 5;
    const sources = { clock: new FakeClock(), random: () => 0 };
    const { declared } = resourceRegistryOf(
      { serp },
      { ...sources, shared: undefined },
    );
    expect(declared.get("serp")).toMatchObject({ rateLimit: { limit: 3 } });
  });

  it("is known by its name where limits are kept elsewhere", async () => {
    const db = resource({ concurrency: 1 });
    const limits = inProcessLimits();
    expect(await playTwo({ db }, { db }, { limits })).toEqual(shared);
    expect(await playTwo({ db }, { other: db }, { limits })).toEqual(apart);
    expect(
      await playTwo({ db }, { db: { concurrency: 1 } }, { limits }),
    ).toEqual(shared);
    expect(warned).toEqual([]);
  });
});

describe("a plain object in `resources`", () => {
  it("is shared under its name, in a copy of the map", async () => {
    const resources = { plain: { concurrency: 1 } };
    const copy = { ...resources, beside: { concurrency: 1 } };
    expect(await playTwo(resources, copy)).toEqual(shared);
    expect(warned).toEqual([]);
  });

  it("is another resource under another name", async () => {
    const plain = { concurrency: 1 };
    expect(await playTwo({ one: plain }, { two: plain })).toEqual(apart);
    expect(warned).toEqual([]);
  });
});

describe("two resources with one name", () => {
  const text = (name: string, made = name) =>
    `parallel-tools-node: two different resources are called \`${name}\`, so they share no limits, and together may exceed them. If they are one, make it once, at the top of a module (\`const ${made} = resource({ ... })\`), and give that object to both. If they are two, give one of them another name.`;

  it("are told once", async () => {
    for (const _ of [1, 2]) {
      const two = [{ api: { concurrency: 1 } }, { api: { concurrency: 1 } }];
      expect(await playTwo(two[0]!, two[1]!)).toEqual(apart);
    }
    expect(warned).toEqual([text("api")]);
  });

  it("are told of an agent and a node, too, and of any name", () => {
    const resources = { "my key": resource({}) };
    new ParallelToolNode([], { resources });
    parallelToolsMiddleware({ resources: { "my key": resource({}) } });
    expect(warned).toEqual([text("my key", "shared")]);
  });

  it("are not told where their cap is the same p-limit", async () => {
    const pool = pLimit(1);
    const two = [
      { pool: { concurrency: pool } },
      { pool: { concurrency: pool } },
    ];
    expect(await playTwo(two[0]!, two[1]!)).toEqual(shared);
    expect(warned).toEqual([]);
  });

  it("are not told in places or on clocks that have nothing to do with each other", () => {
    for (const limits of [inProcessLimits(), inProcessLimits()]) {
      new ParallelToolNode([], { limits, resources: { far: {} } });
    }
    for (const clock of [new FakeClock(), new FakeClock()]) {
      const sources = { clock, random: () => 0, shared: undefined };
      resourceRegistryOf({ far: {} }, sources);
    }
    expect(warned).toEqual([]);
  });

  it("are not looked for among more names than an application writes down", () => {
    const sources = {
      clock: new FakeClock(),
      random: () => 0,
      shared: undefined,
    };
    for (const _ of [1, 2]) {
      const names = Array.from({ length: 1_001 }, (_, i) => [`user ${i}`, {}]);
      resourceRegistryOf(Object.fromEntries(names), sources);
    }
    expect(warned).toHaveLength(1_000);
  });
});

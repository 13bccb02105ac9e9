import { Command, INTERRUPT } from "@langchain/langgraph";
import { ParallelToolNode } from "parallel-tools-node";
import { describe, expect, test } from "vitest";
import type { DifferenceKind } from "./difference.js";
import { drawWorld } from "./draw/draw-world.js";
import { type Host, LIBRARY, STOCK, type Subject } from "./host/create-host.js";
import { optionsOf } from "./host/options-of.js";
import { resultText } from "./print-world.js";
import { runWorld } from "./run-world.js";
import { areTasks, type Step, toolOf, type World } from "./world.js";

const SEED = 7;

/** The worlds of a seed that are as asked. */
function* worldsThat(isRight: (world: World) => boolean): Generator<World> {
  for (let number = 0; ; number += 1) {
    const world = drawWorld(SEED, number);
    if (isRight(world)) yield world;
  }
}

function take(count: number, worlds: Iterator<World>): World[] {
  return Array.from({ length: count }, () => worlds.next().value as World);
}

/** What differs, in the first worlds of a kind in which anything does so. */
async function kindsFound(
  { worlds, subject, found, watchdogMs }: Fake,
  atMost = 160,
): Promise<DifferenceKind[]> {
  const all = worldsThat(worlds);
  const kinds = new Set<DifferenceKind>();
  for (let count = 0; count < atMost && !kinds.has(found); count += 8) {
    const results = await Promise.all(
      take(8, all).map((world) => runWorld(world, subject, watchdogMs)),
    );
    for (const { differences } of results) {
      for (const { kind } of differences) kinds.add(kind);
    }
  }
  return [...kinds];
}

/** A call that hangs ends at its time limit, and the stock node has none. */
const hangs = (world: World) =>
  world.calls.some(({ script }) =>
    script.some((step) => step.do === "fail" && step.how === "hang"),
  );
const questionsIn = ({ script }: { script: readonly Step[] }) =>
  script.filter((step) => step.do === "ask").length;
const isNode = ({ host }: World) => !host.kind.startsWith("agent");
const asks = (world: World) => world.calls.some((call) => questionsIn(call));
const asksTwice = (world: World) =>
  world.calls.filter((call) => questionsIn(call) > 0).length > 1;

/** A node that is ours, but for what it does with one call. */
function nodeThat(
  runTool: (run: () => Promise<unknown>) => Promise<unknown>,
): Subject {
  class WrongNode extends ParallelToolNode {
    protected override runTool(
      ...call: Parameters<ParallelToolNode["runTool"]>
    ) {
      return runTool(() => super.runTool(...call)) as never;
    }
  }
  return {
    ...LIBRARY,
    node: (world, { tools }) => new WrongNode(tools, optionsOf(world)),
  };
}

/** Ours, behind somebody who changes what is sent or shown. */
function hostThat(invoke: (host: Host, input: unknown) => unknown): Subject {
  const between = (host: Host): Host => ({
    input: host.input,
    invoke: (input, config) =>
      Promise.resolve(
        invoke(
          { ...host, invoke: (given) => host.invoke(given, config) },
          input,
        ),
      ),
  });
  return { ...LIBRARY, between };
}

interface Paused {
  [INTERRUPT]?: unknown[];
}

interface Fake {
  readonly name: string;
  readonly subject: Subject;
  readonly worlds: (world: World) => boolean;
  readonly found: DifferenceKind;
  readonly watchdogMs?: number;
}

const FAKES: readonly Fake[] = [
  {
    name: "starts calls without an order",
    subject: STOCK,
    worlds: (world) =>
      isNode(world) &&
      !hangs(world) &&
      world.tools.some(({ access }) => access === "write"),
    found: "out of order",
  },
  {
    name: "runs what should be skipped or deferred",
    subject: STOCK,
    worlds: (world) =>
      isNode(world) &&
      !hangs(world) &&
      world.tools.some(({ sequential }) => sequential === "replan"),
    found: "ran though it must not",
  },
  {
    name: "runs all calls again after an answer",
    subject: STOCK,
    worlds: (world) =>
      world.host.kind === "graph" && world.host.isDurable && !hangs(world),
    found: "finished call ran again",
  },
  {
    name: "runs a call twice",
    subject: nodeThat(async (run) => {
      await run();
      return run();
    }),
    worlds: isNode,
    found: "ran again in one run",
  },
  {
    name: "retries each tool",
    subject: nodeThat(async (run) => {
      const answer = (await run()) as { status?: string };
      return answer.status === "error" ? run() : answer;
    }),
    worlds: isNode,
    found: "too many attempts",
  },
  {
    name: "swaps two answers",
    subject: hostThat((host, input) => {
      const resume = (input as Command | null)?.resume;
      const values = Object.entries<unknown>({ ...(resume as object) });
      if (values.length < 2) return host.invoke(input, {});
      const swapped = values.map(([id], place) => [
        id,
        values.at(place - 1)?.[1],
      ]);
      return host.invoke(
        new Command({ resume: Object.fromEntries(swapped) }),
        {},
      );
    }),
    worlds: (world) =>
      areTasks(world.host) &&
      asksTwice(world) &&
      world.human.forms.includes("all"),
    found: "answer of another",
  },
  {
    name: "gives an answer to the next question, too",
    subject: hostThat(async (host, input) => {
      const state = (await host.invoke(input, {})) as Paused;
      const isAnswer = input instanceof Command;
      return isAnswer && state[INTERRUPT] ? host.invoke(input, {}) : state;
    }),
    worlds: (world) =>
      world.human.forms.includes("plain") &&
      world.calls.some((call) => questionsIn(call) > 1),
    found: "answer nobody gave",
  },
  {
    name: "keeps a question to itself",
    subject: hostThat(async (host, input) => {
      const state = (await host.invoke(input, {})) as Paused;
      const [first] = state[INTERRUPT] ?? [];
      return first === undefined ? state : { ...state, [INTERRUPT]: [first] };
    }),
    worlds: (world) => areTasks(world.host) && asksTwice(world),
    found: "not shown",
  },
  {
    name: "shows a question twice",
    subject: hostThat(async (host, input) => {
      const state = (await host.invoke(input, {})) as Paused;
      const shown = state[INTERRUPT] ?? [];
      return shown.length === 0
        ? state
        : { ...state, [INTERRUPT]: [...shown, ...shown] };
    }),
    worlds: (world) => areTasks(world.host) && asks(world),
    found: "shown twice",
  },
  {
    name: "gives all questions one id",
    subject: hostThat(async (host, input) => {
      const state = (await host.invoke(input, {})) as Paused;
      const shown = (state[INTERRUPT] ?? []) as object[];
      const same = shown.map((one) => ({ ...one, id: "0".repeat(32) }));
      return same.length === 0 ? state : { ...state, [INTERRUPT]: same };
    }),
    worlds: (world) => areTasks(world.host) && asksTwice(world),
    found: "two questions, one id",
  },
  {
    name: "answers in another order",
    subject: hostThat(async (host, input) => {
      const state = (await host.invoke(input, {})) as { messages: unknown[] };
      return { ...state, messages: state.messages.toReversed() };
    }),
    worlds: (world) => !asks(world),
    found: "messages",
  },
  {
    name: "never ends a run",
    subject: hostThat(() => new Promise(() => {})),
    worlds: () => true,
    found: "hangs",
    watchdogMs: 20,
  },
];

describe("what differs from the rules is found in a host that", () => {
  test.each(FAKES)("$name", { timeout: 30_000 }, async (fake) => {
    expect(await kindsFound(fake)).toContain(fake.found);
  });
});

describe("the stock hosts", () => {
  /** One question at most, no policies, and nothing that goes on beside it. */
  function simple(world: World): World {
    let questions = 0;
    const host = {
      ...world.host,
      isDurable: false,
      delaysInFront: false,
      delaysBehind: false,
    };
    const calls = world.calls.map((call) => ({
      ...call,
      reference: undefined,
      amount: undefined,
      sameAs: undefined,
      script: call.script.filter((step) => {
        if (step.do === "pause") return areTasks(host);
        if (step.do === "fail") return step.how === "throw" && step.times > 5;
        if (step.do !== "ask") return true;
        questions += 1;
        return questions === 1;
      }),
    }));
    return {
      ...world,
      calls,
      host,
      options: { ...world.options, sequential: false },
      tools: world.tools.map((tool) => ({
        ...tool,
        hasPolicy: false,
        after: [],
      })),
    };
  }

  test("do what the rules say with one question and no policies", {
    timeout: 30_000,
  }, async () => {
    const worlds = take(80, worldsThat(asks)).map(simple);
    const results = await Promise.all(
      worlds.map((world) => runWorld(world, STOCK)),
    );
    const wrong = results.filter(({ differences }) => differences.length > 0);
    expect(wrong.map((result) => resultText(result, true))).toEqual([]);
  });
});

describe("a world", () => {
  test("is the same each time that it is drawn", () => {
    expect(drawWorld(3, 14)).toEqual(drawWorld(3, 14));
    expect(drawWorld(3, 14)).not.toEqual(drawWorld(3, 15));
  });

  test("has unique ids, and asks each question once", () => {
    for (const { calls, tools, ...world } of take(
      300,
      worldsThat(() => true),
    )) {
      expect(new Set(calls.map(({ id }) => id)).size).toBe(calls.length);
      calls.forEach((_, index) => {
        expect(toolOf({ ...world, calls, tools }, index)).toBeDefined();
      });
    }
  });
});

import { Command, INTERRUPT } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { drawWorld } from "./draw/draw-world.js";
import {
  asks,
  asksTwice,
  callsOf,
  type Fake,
  hangs,
  hostThat,
  isNode,
  kindsFound,
  nodeThat,
  type Paused,
  questionsIn,
  take,
  worldsThat,
} from "./fakes.js";
import { STOCK } from "./host/create-host.js";
import { resultText } from "./print-world.js";
import { runWorld } from "./run-world.js";
import { asksTogether, keepsAnswers, toolOf, type World } from "./world.js";

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
      asksTogether(world.host) &&
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
      callsOf(world).some((call) => questionsIn(call) > 1),
    found: "answer nobody gave",
  },
  {
    name: "keeps a question to itself",
    subject: hostThat(async (host, input) => {
      const state = (await host.invoke(input, {})) as Paused;
      const [first] = state[INTERRUPT] ?? [];
      return first === undefined ? state : { ...state, [INTERRUPT]: [first] };
    }),
    worlds: (world) => asksTogether(world.host) && asksTwice(world),
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
    worlds: (world) => asksTogether(world.host) && asks(world),
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
    worlds: (world) => asksTogether(world.host) && asksTwice(world),
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
  /** One question at most, no policies, unique ids, and nothing beside it. */
  function simple(world: World): World {
    const host = {
      ...world.host,
      isDurable: false,
      delaysInFront: false,
      delaysBehind: false,
      retries: "nowhere" as const,
      answers: "nowhere" as const,
    };
    const { forks } = world.human;
    return {
      ...world,
      host,
      human: {
        ...world.human,
        forks: forks.filter((fork) => fork === "null" || fork === "edit"),
      },
      turns: world.turns.map(({ calls }, turn) => {
        let questions = 0;
        return {
          calls: calls.map((call, index) => ({
            ...call,
            id: `call_${turn}_${index}`,
            reference: undefined,
            amount: undefined,
            sameAs: undefined,
            script: call.script.filter((step) => {
              if (step.do === "pause") return keepsAnswers(host);
              if (step.do === "fail") {
                return step.how === "throw" && step.times > 5;
              }
              if (step.do !== "ask") return true;
              questions += 1;
              return questions === 1;
            }),
          })),
        };
      }),
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
      worlds.map((world) => runWorld(world, { subject: STOCK })),
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

  test("has tools for all its calls, and some ids more than once", () => {
    const worlds = take(
      300,
      worldsThat(() => true),
    );
    for (const { turns, tools } of worlds) {
      for (const { calls } of turns) {
        calls.forEach((_, index) => {
          expect(toolOf({ calls, tools }, index)).toBeDefined();
        });
      }
    }
    const repeating = worlds.filter((world) => {
      const ids = callsOf(world).map(({ id }) => id);
      return new Set(ids).size < ids.length;
    });
    expect(repeating.length).toBeGreaterThan(20);
    expect(repeating.length).toBeLessThan(280);
  });
});

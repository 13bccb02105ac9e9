import { MemorySaver } from "@langchain/langgraph";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
  resource,
  type ToolPolicy,
} from "parallel-tools-node";
import { describe, expect, it, vi } from "vitest";
import { AGENT_HOSTS, GO, readRun } from "../support/agent-hosts.js";
import { toolThat } from "../support/agent-tool.js";
import { playTime } from "../support/attempted-node.js";
import { untilStill } from "../support/kid-agent.js";
import { answerLines, ask, callOf } from "../support/messages.js";
import { Stage } from "../support/stage.js";
import { createTeam, roomOf, searcher } from "./support/team.js";

playTime();

interface Running {
  readonly stage: Stage;
  readonly run: AbortController;
}

/** How a lead's calls end before their agents have. */
const ENDS: Readonly<
  Record<
    string,
    {
      readonly options?: ParallelToolNodeOptions;
      readonly end: (running: Running) => Promise<unknown>;
      readonly result: RegExp;
    }
  >
> = {
  timeoutMs: {
    options: { defaultPolicy: { timeoutMs: 100 } },
    end: () => vi.advanceTimersByTimeAsync(100),
    result: /a error: Error: a did not finish/,
  },
  batchTimeoutMs: {
    options: { batchTimeoutMs: 100 },
    end: () => vi.advanceTimersByTimeAsync(100),
    result: /a error: Error: the calls of this message/,
  },
  "an abort of the run": {
    end: async ({ run }) => run.abort(new Error("the user went away")),
    result: /^threw Error: (the user went away|Abort)/,
  },
  "a failure that is thrown": {
    options: { handleToolErrors: false },
    end: ({ stage }) => stage.fail("other"),
    result: /^threw Error: other broke/,
  },
};

const CASES = Object.keys(ENDS).flatMap((how) =>
  AGENT_HOSTS.flatMap((inside) =>
    [false, true].map((isDurable) => ({ how, inside, isDurable })),
  ),
);

describe.each(AGENT_HOSTS)("in %s,", (host) => {
  it.each(CASES)(
    "$how ends subagents ($inside, durable: $isDurable), frees their slots and lets none of their calls start",
    async ({ how, inside, isDurable }) => {
      const { options: own, end, result } = ENDS[how]!;
      const stage = new Stage();
      const run = new AbortController();
      // Two of four searches run. The agents of `a` and `b` have slots of it, too.
      const serp = resource({ concurrency: 2 });
      const options: ParallelToolNodeOptions = {
        resources: { serp },
        policies: { search: { resources: "serp" } },
      };
      const team = createTeam({
        stage,
        host,
        members: {
          a: { ...searcher("a"), options, host: inside },
          b: { ...searcher("b"), options, host: inside },
        },
        calls: [callOf("a", "a"), callOf("b", "b"), callOf("other", "other")],
        tools: stage.tools("search", "other"),
        options: {
          ...own,
          durable: isDurable,
          resources: { serp },
          policies: {
            a: { ...own?.defaultPolicy, resources: "serp" },
            b: { ...own?.defaultPolicy, resources: "serp" },
          },
        },
        ...(isDurable && { checkpointer: new MemorySaver() }),
      });
      const config = {
        signal: run.signal,
        configurable: { thread_id: "t" },
      };
      const ended = team.invoke(GO, config).then(
        ({ messages }) => readRun(messages).answers.join("\n"),
        (error: unknown) => `threw ${String(error)}`,
      );
      await untilStill();
      const begun = stage.log.filter((line) => /^[ab]\d start/.test(line));
      expect(begun).toHaveLength(2);
      await end({ stage, run });
      if (how !== "a failure that is thrown") await stage.finish("other");
      await untilStill();
      const before = stage.log.length;
      for (const id of ["a1", "a2", "a3", "b1", "b2", "b3"]) {
        await stage.finish(id);
      }
      await untilStill();
      expect(await ended).toMatch(result);
      const after = stage.log.slice(before);
      const ends = begun.map((line) => line.replace("start", "end"));
      expect(after.filter((line) => !line.startsWith("lead"))).toEqual(ends);
      expect(await roomOf(serp)).toBe(2);
    },
  );
});

describe("a call that waits to go on, since what ran inside of it has not left its slot,", () => {
  /** Two calls with one slot, the first of which runs a call inside of it. */
  function setUp(ownTimeoutMs: number) {
    const stage = new Stage();
    const serp = resource({ concurrency: 1 });
    const of = (timeoutMs: number): ToolPolicy => {
      return { resources: "serp", timeoutMs };
    };
    const inner = new ParallelToolNode(stage.tools("inner"), {
      resources: { serp },
      policies: { inner: of(100) },
    });
    const outer = toolThat("class", "outer", async () => {
      const answers = await inner.invoke([ask(callOf("in", "inner"))]);
      stage.log.push("outer goes on");
      return answerLines(answers).join("");
    });
    const node = new ParallelToolNode([outer, ...stage.tools("next")], {
      resources: { serp },
      policies: { outer: of(ownTimeoutMs), next: of(10_000) },
    });
    const run = new AbortController();
    const invoked = node.invoke(
      [ask(callOf("out", "outer"), callOf("n", "next"))],
      {
        signal: run.signal,
      },
    );
    const answers = invoked.then(answerLines);
    answers.catch(() => {});
    return { stage, serp, run, answers };
  }

  it("goes on when that has, and before calls that are new", async () => {
    const { stage, serp, answers } = setUp(10_000);
    await vi.advanceTimersByTimeAsync(150);
    expect(stage.log).toEqual(["in start", "in signal"]);
    await stage.finish("in");
    expect(stage.log.slice(2)).toEqual(["in end", "outer goes on", "n start"]);
    await stage.finish("n");
    expect((await answers)[0]).toContain("out ok: in error");
    expect(await roomOf(serp)).toBe(1);
  });

  it("leaves the line when its time is over", async () => {
    const { stage, serp, answers } = setUp(200);
    await vi.advanceTimersByTimeAsync(150);
    expect(stage.log).toEqual(["in start", "in signal"]);
    await vi.advanceTimersByTimeAsync(100);
    // It has no answer to wait for any more. The slot is that of `in` until it ends.
    expect(stage.log.slice(2)).toEqual(["outer goes on"]);
    await stage.finish("in");
    expect(stage.log.slice(3)).toEqual(["in end", "n start"]);
    await stage.finish("n");
    expect((await answers)[0]).toContain("outer did not finish within 0.2 s");
    expect(await roomOf(serp)).toBe(1);
  });

  it("leaves the line when the run is aborted", async () => {
    const { stage, serp, run, answers } = setUp(10_000);
    await vi.advanceTimersByTimeAsync(150);
    expect(stage.log).toEqual(["in start", "in signal"]);
    run.abort(new Error("the user went away"));
    await expect(answers).rejects.toThrow("the user went away");
    await stage.finish("in");
    expect(stage.log.slice(2)).toEqual(["outer goes on", "in end"]);
    expect(await roomOf(serp)).toBe(1);
  });
});

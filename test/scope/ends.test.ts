import { MemorySaver } from "@langchain/langgraph";
import { type ParallelToolNodeOptions, resource } from "parallel-tools-node";
import { describe, expect, it, vi } from "vitest";
import { AGENT_HOSTS, GO, readRun } from "../support/agent-hosts.js";
import { playTime } from "../support/attempted-node.js";
import { untilStill } from "../support/kid-agent.js";
import { callOf } from "../support/messages.js";
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

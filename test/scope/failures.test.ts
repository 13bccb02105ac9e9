import { type ParallelToolNodeOptions, resource } from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { AGENT_HOSTS, GO, readRun } from "../support/agent-hosts.js";
import { playTime } from "../support/attempted-node.js";
import { untilStill } from "../support/kid-agent.js";
import { Stage } from "../support/stage.js";
import {
  createTeam,
  type Member,
  mostAtOnce,
  roomOf,
  searcher,
} from "./support/team.js";

playTime();

/** Ways in which the subagent `b` fails, and what its error says. */
const FAILURES: Readonly<
  Record<string, (own: ParallelToolNodeOptions) => { b: Member; error: string }>
> = {
  "whose tool throws": (own) => ({
    b: { ...searcher("b"), options: { ...own, handleToolErrors: false } },
    error: "b1 broke",
  }),
  "whose model throws": (own) => ({
    b: { ...searcher("b"), options: own, breaksAt: 2 },
    error: "the model of b broke",
  }),
  "that takes too many steps": (own) => ({
    b: { ...searcher("b"), options: own, config: { recursionLimit: 2 } },
    error: "Recursion limit of 2 reached",
  }),
};

describe.each(AGENT_HOSTS)("in %s,", (host) => {
  it.each(
    Object.keys(FAILURES).flatMap((how) =>
      AGENT_HOSTS.map((inside) => ({ how, inside })),
    ),
  )(
    "a subagent ($inside) $how spares those beside it",
    async ({ how, inside }) => {
      const stage = new Stage();
      const serp = resource({ concurrency: 2 });
      const agents = resource({ concurrency: 3 });
      const options: ParallelToolNodeOptions = {
        resources: { serp },
        policies: { search: { resources: "serp" } },
      };
      const { b, error } = FAILURES[how]!(options);
      const team = createTeam({
        stage,
        host,
        members: {
          a: { ...searcher("a"), options, host: inside },
          b: { ...b, host: inside },
          c: { ...searcher("c"), options, host: inside },
        },
        options: {
          handleToolErrors: true,
          resources: { agents },
          defaultPolicy: { resources: "agents" },
        },
      });
      const run = team.invoke(GO);
      await untilStill();
      await stage.fail("b1");
      for (const id of ["b2", "b3", "a1", "a2", "a3", "c1", "c2", "c3"]) {
        await stage.finish(id);
      }
      const { answers, last } = readRun((await run).messages);
      expect(answers).toEqual([
        "a ok: a done",
        expect.stringMatching(new RegExp(`^b error: \\w*Error: ${error}`)),
        "c ok: c done",
      ]);
      expect(last).toBe("ai: done");
      expect(mostAtOnce(stage.log)).toBe(2);
      expect([await roomOf(serp), await roomOf(agents)]).toEqual([2, 3]);
    },
  );
});

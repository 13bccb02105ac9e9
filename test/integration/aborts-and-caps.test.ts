import { tool } from "@langchain/core/tools";
import { type CallReport, ParallelToolNode } from "parallel-tools-node";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { settle } from "../support/fake-clock.js";
import { createAgent, HOSTS } from "./support/agents.js";
import { Barrier, createGate, Occupancy } from "./support/gates.js";
import { createScriptedGraph, INPUT } from "./support/scripted-graph.js";
import { useModelServer } from "./support/use-model-server.js";

const CALLS = Array.from({ length: 6 }, (_, n) => ({
  id: `call_${n}`,
  name: "work",
  args: { n },
}));
const schema = z.object({ n: z.number() });

const server = useModelServer();

describe.each(HOSTS)("aborting the run of an agent, %s,", (host) => {
  test.each([
    { why: "a cap", options: { maxConcurrency: 2 } },
    {
      why: "a rate limit",
      options: {
        defaultPolicy: { rateLimit: { limit: 2, intervalMs: 60_000 } },
      },
    },
  ])("keeps calls that wait for $why from starting", async ({ options }) => {
    const log: string[] = [];
    const twoStarted = new Barrier(3);
    const release = createGate();
    const work = tool(
      async ({ n }, { signal }: { signal?: AbortSignal }) => {
        log.push(`start ${n}`);
        void twoStarted.arrive();
        await release.opened;
        log.push(`end ${n}, ${signal?.aborted ? "aborted" : "not aborted"}`);
        return "done";
      },
      { name: "work", description: "Works.", schema },
    );
    const reported: CallReport[] = [];
    const allReported = createGate();
    const controller = new AbortController();
    const { signal } = controller;
    const script = server.script([CALLS, "Done."]);
    const run = createAgent(host, script.model, [work], {
      ...options,
      onReport({ calls }) {
        reported.push(...calls);
        if (reported.length === CALLS.length) allReported.open();
      },
    })
      .invoke(INPUT, { signal })
      .catch((error: unknown) => error);
    await twoStarted.arrive();
    controller.abort(new Error("enough"));
    release.open();
    expect(await run).toMatchObject({ name: "Error", message: "enough" });
    await allReported.opened;
    await settle();

    expect(log).toEqual([
      "start 0",
      "start 1",
      "end 0, aborted",
      "end 1, aborted",
    ]);
    const attempts = reported.map((call) => `${call.id}: ${call.attempts}`);
    expect(attempts.toSorted()).toEqual(
      CALLS.map(({ id, args }) => `${id}: ${args.n < 2 ? 1 : 0}`),
    );
    expect(
      reported.filter((call) => call.attempts === 0).map((c) => c.outcome),
    ).toEqual(Array.from({ length: 4 }, () => "aborted"));
    expect(script.requests).toHaveLength(1);
  });
});

describe("config.maxConcurrency of a graph's run", () => {
  test.each([
    { asked: 1, own: undefined, peak: 1 },
    { asked: 2, own: undefined, peak: 2 },
    { asked: 3, own: 2, peak: 2 },
    { asked: 2, own: 3, peak: 2 },
    { asked: undefined, own: 3, peak: 3 },
    { asked: undefined, own: undefined, peak: 6 },
  ])(
    "of $asked beside the node's own of $own lets $peak of six calls run at once",
    async ({ asked, own, peak }) => {
      const inside = new Occupancy();
      const full = new Barrier(peak);
      const work = tool(
        ({ n }) =>
          inside.during(async () => {
            await full.arrive();
            return `did ${n}`;
          }),
        { name: "work", description: "Works.", schema },
      );
      const node = new ParallelToolNode([work], {
        ...(own !== undefined && { maxConcurrency: own }),
      });

      const { messages } = await createScriptedGraph(node, CALLS).invoke(
        INPUT,
        asked === undefined ? {} : { maxConcurrency: asked },
      );

      expect(inside.peak).toBe(peak);
      expect(messages.slice(2, -1).map(({ text }) => text)).toEqual(
        CALLS.map(({ args }) => `did ${args.n}`),
      );
    },
  );
});

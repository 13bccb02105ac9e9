import pLimit from "p-limit";
import type { ParallelToolNodeOptions } from "parallel-tools-node";
import { describe, expect, test } from "vitest";
import { AGENT_HOSTS } from "../support/agent-hosts.js";
import { runNested } from "./support/nested-agents.js";

/** Each is shared by the outer agent and those inside of it. */
const SHARED: Record<string, () => ParallelToolNodeOptions> = {
  "a resource with a cap": () => ({
    resources: { api: { concurrency: 2 } },
    defaultPolicy: { resources: "api" },
  }),
  "a resource of which nothing is known": () => ({
    resources: { api: {} },
    defaultPolicy: { resources: "api" },
  }),
  "a p-limit": () => ({
    resources: { api: { concurrency: pLimit(2) } },
    defaultPolicy: { resources: "api" },
  }),
  "the cap of the node": () => ({ maxConcurrency: 2 }),
  "two resources": () => ({
    resources: { a: { concurrency: 1 }, b: { concurrency: 2 } },
    policies: { task: { resources: ["a", "b"] } },
    defaultPolicy: { resources: ["b", "a"] },
  }),
};

describe.each(AGENT_HOSTS)("agents in the tools of an agent, %s", (host) => {
  test.each(Object.keys(SHARED))("end, behind %s", async (name) => {
    const options = SHARED[name]!();
    const width = "resources" in options && "api" in options.resources ? 12 : 4;
    const { answers } = await runNested({
      host,
      options,
      width,
      searches: 2,
      depth: 2,
    });
    expect(answers).toHaveLength(width);
    for (const answer of answers) {
      expect(answer).toContain("2-0 ok: hit, 2-1 ok: hit");
    }
  });
});

describe("agents in the tools of an agent", () => {
  test("end at any depth behind a cap of 1", async () => {
    const { answers, searches } = await runNested({
      host: "graph",
      options: { maxConcurrency: 1 },
      width: 3,
      searches: 3,
      depth: 5,
    });
    expect(answers).toHaveLength(3);
    expect(searches.most).toBe(1);
  });

  test("end where an agent in between has nothing of ours", async () => {
    const { answers, searches } = await runNested({
      host: "graph",
      between: "agent v2",
      options: { maxConcurrency: 2 },
      width: 4,
      searches: 3,
      depth: 3,
    });
    expect(answers).toHaveLength(4);
    expect(searches.most).toBeLessThanOrEqual(2);
  });

  test("that a cap is for are never more than it says", async () => {
    const { tasks, searches } = await runNested({
      host: "agent v2",
      options: { policies: { task: { concurrency: 3 } } },
      width: 9,
      searches: 4,
      depth: 2,
    });
    expect(tasks.most).toBe(3);
    expect(searches.most).toBe(12);
  });
});

describe.each(AGENT_HOSTS)("`maxConcurrency` of a run, %s", (host) => {
  test("holds for all that runs inside of it together", async () => {
    const { answers, searches } = await runNested({
      host,
      options: {},
      width: 6,
      searches: 4,
      depth: 2,
      config: { maxConcurrency: 3 },
    });
    expect(answers).toHaveLength(6);
    expect(searches.most).toBe(3);
  });
});

describe.each(AGENT_HOSTS)("`maxDepth`, %s", (host) => {
  test("answers calls that are too deep with what to do instead", async () => {
    const { answers, searches } = await runNested({
      host,
      options: { maxDepth: 2 },
      width: 1,
      searches: 1,
      depth: 3,
    });
    expect(searches.most).toBe(0);
    expect(answers.join()).toContain(
      "3-0 error: Not run: tool calls are run at most 2 deep, one inside of the other, and this one would be number 3. Make no tool calls here",
    );
  });

  test("runs those that aren't", async () => {
    const { searches } = await runNested({
      host,
      options: { maxDepth: 3 },
      width: 1,
      searches: 1,
      depth: 3,
    });
    expect(searches.most).toBe(2);
  });
});

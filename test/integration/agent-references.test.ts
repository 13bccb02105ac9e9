import { tool } from "@langchain/core/tools";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { createAgent, deliver, settings } from "./support/agents.js";
import { Barrier } from "./support/gates.js";
import { useModelServer } from "./support/use-model-server.js";

const server = useModelServer();

/** A company, and tools that look at parts of it. */
function createTools() {
  const log: string[] = [];
  const together = new Barrier(2);
  const describeTool = (name: string) => ({ name, description: name });
  const find = tool(
    async ({ name }) => {
      log.push(`find ${name}`);
      return { ticker: "ACM", leaders: [{ id: 7 }] };
    },
    { ...describeTool("find"), schema: z.object({ name: z.string() }) },
  );
  const person = tool(
    async ({ id }) => {
      log.push(`person ${id}`);
      await together.arrive();
      return { name: `Ada ${id}` };
    },
    { ...describeTool("person"), schema: z.object({ id: z.number() }) },
  );
  const revenue = tool(
    async ({ ticker }) => {
      log.push(`revenue ${ticker}`);
      await together.arrive();
      return { total: 12 };
    },
    { ...describeTool("revenue"), schema: z.object({ ticker: z.string() }) },
  );
  const report = tool(
    async ({ leader, total }) => {
      log.push(`report ${leader} ${total}`);
      return `${leader} made ${total}`;
    },
    {
      ...describeTool("report"),
      schema: z.object({ leader: z.string(), total: z.number() }),
    },
  );
  return { log, tools: [find, person, revenue, report] };
}

describe.each(settings())("in $name,", ({ host, delivery }) => {
  test("a whole chain of calls runs in one turn, each with the values of those before it", async () => {
    const { log, tools } = createTools();
    const script = server.script(
      [
        [
          { id: "1", name: "find", args: { name: "Acme" } },
          { id: "2", name: "person", args: { id: "$1.leaders[0].id" } },
          { id: "3", name: "revenue", args: { ticker: "$1.ticker" } },
          {
            id: "4",
            name: "report",
            args: { leader: "$2.name", total: "$3.total" },
          },
        ],
        "Done.",
      ],
      delivery.model,
    );

    const agent = createAgent(host, script.model, tools, { references: true });
    await deliver(agent, delivery);

    expect(log[0]).toBe("find Acme");
    expect(log.slice(1, 3).toSorted()).toEqual(["person 7", "revenue ACM"]);
    expect(log.slice(3)).toEqual(["report Ada 7 12"]);
    expect(script.requests).toHaveLength(2);
    expect(script.answers(1)).toEqual([
      { id: "1", content: '{"ticker":"ACM","leaders":[{"id":7}]}' },
      { id: "2", content: '{"name":"Ada 7"}' },
      { id: "3", content: '{"total":12}' },
      { id: "4", content: "Ada 7 made 12" },
    ]);
  });
});

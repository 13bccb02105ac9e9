import { tool } from "@langchain/core/tools";
import { write } from "parallel-tools-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { waitedForFailed } from "@/answers/not-run.js";
import { createAgent, deliver, settings } from "./support/agents.js";
import { Barrier } from "./support/gates.js";
import { ModelServer } from "./support/model-server.js";

const description = "A tool.";
const schema = z.object({});

let server: ModelServer;
beforeAll(async () => {
  server = await ModelServer.start();
});
afterAll(() => server.stop());

describe.each(settings())("$name", ({ host, delivery }) => {
  test("a call that fails is answered with its error and the others are not touched", async () => {
    const together = new Barrier(3);
    const fine = tool(
      async () => {
        await together.arrive();
        return "fine";
      },
      { name: "fine", description, schema },
    );
    const broken = tool(
      async () => {
        await together.arrive();
        throw new Error("the disk is full");
      },
      { name: "broken", description, schema },
    );
    const script = server.script(
      [
        [
          { id: "1", name: "fine" },
          { id: "2", name: "broken" },
          { id: "3", name: "missing" },
          { id: "4", name: "fine" },
        ],
        "Partly.",
      ],
      delivery.model,
    );

    await deliver(createAgent(host, script.model, [fine, broken]), delivery);

    expect(script.answers(1)).toEqual([
      { id: "1", content: "fine" },
      {
        id: "2",
        content: "Error: the disk is full\n Please fix your mistakes.",
      },
      {
        id: "3",
        content: host.startsWith("agent")
          ? "Error: missing is not a valid tool, try one of [fine, broken]."
          : 'Error: Tool "missing" not found.\n Please fix your mistakes.',
      },
      { id: "4", content: "fine" },
    ]);
  });
});

describe.each(settings())("$name", ({ host, delivery }) => {
  test("a call that had to wait for one that failed is not run, and its answer names that one", async () => {
    const log: string[] = [];
    const debit = tool(
      async () => {
        log.push("debit");
        throw new Error("no funds");
      },
      { name: "debit", description, schema },
    );
    const credit = tool(
      async () => {
        log.push("credit");
        return "credited";
      },
      { name: "credit", description, schema },
    );
    const script = server.script(
      [
        [
          { id: "1", name: "debit" },
          { id: "2", name: "credit" },
        ],
        "No.",
      ],
      delivery.model,
    );
    const access = [write("account")];
    const agent = createAgent(host, script.model, [debit, credit], {
      policies: { debit: { access }, credit: { access } },
    });
    const { answers } = await deliver(agent, delivery);

    expect(log).toEqual(["debit"]);
    expect(answers.map(({ status }) => status)).toEqual(["error", "error"]);
    expect(script.answers(1)).toEqual([
      { id: "1", content: "Error: no funds\n Please fix your mistakes." },
      {
        id: "2",
        content: waitedForFailed({ ordinal: 1, name: "debit" }),
      },
    ]);
  });
});

import { tool } from "@langchain/core/tools";
import { read, write } from "parallel-tools-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { deferred } from "@/answers/not-run.js";
import { createAgent, deliver, settings } from "./support/agents.js";
import { createGate } from "./support/gates.js";
import { ModelServer } from "./support/model-server.js";

let server: ModelServer;
beforeAll(async () => {
  server = await ModelServer.start();
});
afterAll(() => server.stop());

/** A shelf of files, and a note that has to be taken before a write can end. */
function createDesk() {
  const log: string[] = [];
  const files = new Map<string, string>();
  const noted = createGate();
  const path = z.string();
  const tools = [
    tool(
      async ({ path, text }) => {
        log.push("write start");
        await noted.opened;
        files.set(path, text);
        log.push("write end");
        return "written";
      },
      {
        name: "write_file",
        description: "Writes a file.",
        schema: z.object({ path, text: z.string() }),
      },
    ),
    tool(
      async ({ path }) => {
        log.push(`read ${path}`);
        return files.get(path) ?? "no such file";
      },
      {
        name: "read_file",
        description: "Reads a file.",
        schema: z.object({ path }),
      },
    ),
    tool(
      async () => {
        log.push("note");
        noted.open();
        return "noted";
      },
      { name: "note", description: "Takes a note.", schema: z.object({}) },
    ),
  ];
  return { log, tools };
}

describe.each(settings())("$name", ({ host, delivery }) => {
  test("a read waits for an earlier write of its key, and only for that", async () => {
    const { log, tools } = createDesk();
    const text = "hello";
    const script = server.script(
      [
        [
          { id: "w", name: "write_file", args: { path: "a.txt", text } },
          { id: "r", name: "read_file", args: { path: "a.txt" } },
          { id: "o", name: "read_file", args: { path: "b.txt" } },
          { id: "n", name: "note" },
        ],
        "Done.",
      ],
      delivery.model,
    );
    await deliver(
      createAgent(host, script.model, tools, {
        policies: {
          write_file: { access: ({ path }) => [write(`file:${path}`)] },
          read_file: { access: ({ path }) => [read(`file:${path}`)] },
        },
      }),
      delivery,
    );

    expect(log).toEqual([
      "write start",
      "read b.txt",
      "note",
      "write end",
      "read a.txt",
    ]);
    expect(script.answers(1)).toEqual([
      { id: "w", content: "written" },
      { id: "r", content: "hello" },
      { id: "o", content: "no such file" },
      { id: "n", content: "noted" },
    ]);
  });

  test("calls behind a replan call are not run, and the model is told so before it asks again", async () => {
    const ran: string[] = [];
    const step = (name: string) =>
      tool(
        async () => {
          ran.push(name);
          return `${name} done`;
        },
        { name, description: "A step.", schema: z.object({}) },
      );
    const script = server.script(
      [
        [
          { id: "1", name: "look" },
          { id: "2", name: "ask_user" },
          { id: "3", name: "book" },
          { id: "4", name: "look" },
        ],
        [{ id: "5", name: "book" }],
        "Booked.",
      ],
      delivery.model,
    );
    const tools = ["look", "ask_user", "book"].map(step);
    const agent = createAgent(host, script.model, tools, {
      policies: { ask_user: { sequential: "replan" } },
    });
    const { lastWords } = await deliver(agent, delivery);

    const content = deferred({ ordinal: 2, name: "ask_user" });
    expect(script.answers(1)).toEqual([
      { id: "1", content: "look done" },
      { id: "2", content: "ask_user done" },
      { id: "3", content },
      { id: "4", content },
    ]);
    expect(script.answers(2).at(-1)).toEqual({
      id: "5",
      content: "book done",
    });
    expect(ran).toEqual(["look", "ask_user", "book"]);
    expect(lastWords).toContain("Booked.");
  });
});

import { tool } from "@langchain/core/tools";
import {
  isProgressEvent,
  type ProgressEvent,
  write,
} from "parallel-tools-node";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { settle } from "../support/fake-clock.js";
import { createAgent, HOSTS } from "./support/agents.js";
import { useModelServer } from "./support/use-model-server.js";

const server = useModelServer();

const step = (name: string) =>
  tool(
    async ({ n }) => {
      await settle();
      if (name === "broken") throw new Error("no");
      return `${name} ${n}`;
    },
    { name, description: "A step.", schema: z.object({ n: z.number() }) },
  );

/** An event in a line, its times left out. */
function lineOf(event: ProgressEvent): string {
  switch (event.event) {
    case "batch_planned":
      return `planned ${event.shape} ${event.calls.length}`;
    case "call_waiting":
      return event.for === "dependency"
        ? `${event.id} waits for ${event.calls.join()}`
        : `${event.id} waits for ${event.for} of ${event.limit}`;
    case "call_started":
      return `${event.id} start ${event.attempt}`;
    case "call_finished":
      return `${event.id} ${event.outcome}`;
    default:
      return "finished";
  }
}

describe.each(HOSTS)("in %s,", (host) => {
  async function stream(streamProgress: boolean): Promise<unknown[]> {
    const script = server.script([
      [
        { id: "a", name: "store", args: { n: 1 } },
        { id: "b", name: "store", args: { n: 2 } },
        { id: "c", name: "look", args: { n: 3 } },
        { id: "d", name: "look", args: { n: 4 } },
        { id: "e", name: "broken", args: { n: 5 } },
      ],
      "Done.",
    ]);
    const agent = createAgent(
      host,
      script.model,
      ["store", "look", "broken"].map(step),
      {
        streamProgress,
        policies: {
          store: { access: [write("shelf")] },
          look: { concurrency: 1 },
        },
      },
    );
    const chunks: unknown[] = [];
    for await (const chunk of await agent.stream(
      { messages: [{ role: "user", content: "Go." }] },
      { streamMode: "custom" },
    )) {
      chunks.push(chunk);
    }
    return chunks;
  }

  test("each step of a batch is streamed as it is taken", async () => {
    const chunks = await stream(true);
    expect(chunks.every(isProgressEvent)).toBe(true);
    const events = chunks as ProgressEvent[];
    const lines = events.map(lineOf);
    expect(lines.slice(0, 2)).toEqual(["planned mixed 5", "b waits for 0"]);
    expect(lines.at(-1)).toBe("finished");
    expect(lines.slice(2, -1).toSorted()).toEqual([
      "a ok",
      "a start 1",
      "b ok",
      "b start 1",
      "c ok",
      "c start 1",
      "d ok",
      "d start 1",
      "d waits for concurrency of tool look",
      "e error",
      "e start 1",
    ]);
    expect(lines.indexOf("a ok")).toBeLessThan(lines.indexOf("b start 1"));
    expect(lines.indexOf("c ok")).toBeLessThan(lines.indexOf("d start 1"));
    expect(new Set(events.map(({ batch }) => batch)).size).toBe(1);
    const times = events.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
  });

  test("nothing is streamed without being asked for", async () => {
    expect(await stream(false)).toEqual([]);
  });
});

// Progress bars in the terminal, drawn from the run's custom stream.
import { setTimeout as sleep } from "node:timers/promises";
import { tool } from "@langchain/core/tools";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import {
  isProgressEvent,
  ParallelToolNode,
  type ProgressEvent,
} from "parallel-tools-node";
import { z } from "zod";
import { startModelServer } from "./shared/model-server.js";

const load = tool(({ city, ms }) => sleep(ms, `${city}: loaded`), {
  name: "load",
  description: "Loads the data of a city.",
  schema: z.object({ city: z.string(), ms: z.number() }),
});
const report = tool(() => sleep(150, "written"), {
  name: "report",
  description: "Writes a report on all that was loaded.",
  schema: z.object({}),
});
const tools = new ParallelToolNode([load, report], {
  streamProgress: true,
  policies: { load: { concurrency: 2 }, report: { after: ["load"] } },
});

/** One line per call; on a terminal it is drawn again with every step. */
class ProgressView {
  readonly #states = new Map<number, string>();
  readonly #startedAt = new Map<number, number>();
  #isDrawn = false;

  show(event: ProgressEvent): void {
    if (event.event === "batch_planned") {
      for (const { index, name } of event.calls) {
        this.#states.set(index, `${name.padEnd(8)} planned`);
      }
    } else if (event.event !== "batch_finished") {
      this.#states.set(
        event.index,
        `${event.name.padEnd(8)} ${this.#stateOf(event)}`,
      );
    }
    this.#draw();
  }

  #stateOf(event: ProgressEvent): string {
    switch (event.event) {
      case "call_waiting":
        return event.for === "dependency"
          ? `waits for ${event.calls.length} calls`
          : `waits at ${event.limit}`;
      case "call_started":
        this.#startedAt.set(event.index, event.atMs);
        return "runs ...";
      case "call_finished": {
        const ms = event.atMs - (this.#startedAt.get(event.index) ?? 0);
        const bar = "#".repeat(Math.max(1, Math.round(ms / 25)));
        return `${bar} ${event.outcome}`;
      }
      default:
        return "";
    }
  }

  #draw(): void {
    const { isTTY } = process.stdout;
    if (isTTY && this.#isDrawn) {
      process.stdout.write(`\u001B[${this.#states.size}A\u001B[J`);
    }
    this.#isDrawn = true;
    console.log([...this.#states.values()].join("\n"));
    if (!isTTY) console.log("");
  }
}

const cities = { Oslo: 100, Rome: 220, Lima: 140, Cairo: 80 };
const server = await startModelServer({
  "Report on four cities.": [
    [
      { name: "report", args: {} },
      ...Object.entries(cities).map(([city, ms]) => ({
        name: "load",
        args: { city, ms },
      })),
    ],
    "Done.",
  ],
});
const agent = createReactAgent({ llm: server.llm, tools });
const view = new ProgressView();
const input = {
  messages: [{ role: "user", content: "Report on four cities." }],
};
for await (const chunk of await agent.stream(input, {
  streamMode: "custom",
})) {
  if (isProgressEvent(chunk)) view.show(chunk);
}
await server.stop();

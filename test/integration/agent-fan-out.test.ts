import { tool } from "@langchain/core/tools";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  createAgent,
  deliver,
  sendsCalls,
  settings,
} from "./support/agents.js";
import { Barrier, createGate } from "./support/gates.js";
import { useModelServer } from "./support/use-model-server.js";

const CITIES = ["Oslo", "Rome", "Lima", "Cairo", "Perth"];
const IDS = CITIES.map((_, i) => `call_${i}`);

const server = useModelServer();

/** Its calls end when all have started, the last one first. */
function createWeather() {
  const log: string[] = [];
  const allStarted = new Barrier(CITIES.length);
  const ended = [...CITIES, "nobody"].map(createGate);
  ended.at(-1)?.open();
  const weather = tool(
    async ({ city }) => {
      log.push(`${city} start`);
      await allStarted.arrive();
      const place = CITIES.indexOf(city);
      await ended[place + 1]?.opened;
      log.push(`${city} end`);
      ended[place]?.open();
      return `Sun in ${city}`;
    },
    {
      name: "weather",
      description: "The weather in a city.",
      schema: z.object({ city: z.string() }),
    },
  );
  return { weather, log };
}

describe.each(settings())("in $name,", ({ host, delivery }) => {
  test("five calls are in flight at once and are answered in the order of the message", async () => {
    const calls = CITIES.map((city, i) => ({
      id: IDS[i] as string,
      name: "weather",
      args: { city },
    }));
    const script = server.script([calls, "Sun everywhere."], delivery.model);
    const { weather, log } = createWeather();
    const agent = createAgent(host, script.model, [weather]);
    const { answers, lastWords } = await deliver(agent, delivery);

    expect(log).toEqual([
      ...CITIES.map((city) => `${city} start`),
      ...CITIES.toReversed().map((city) => `${city} end`),
    ]);
    expect(script.requests).toHaveLength(2);
    expect(script.answers(1)).toEqual(
      CITIES.map((city, i) => ({ id: IDS[i], content: `Sun in ${city}` })),
    );
    expect(lastWords).toBe("Sun everywhere.");
    const seen = answers.map((answer) => answer.tool_call_id);
    // Of many sends the host shows each answer when that send has ended.
    const asTheyCome =
      sendsCalls(host) && /updates|messages/.test(delivery.mode);
    expect(asTheyCome ? seen.toSorted() : seen).toEqual(IDS);
  });
});

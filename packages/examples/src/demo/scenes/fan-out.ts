import { tool } from "@langchain/core/tools";
import { z } from "zod";
import type { Scene } from "../scene.js";
import { toolAnswers } from "../tool-answers.js";
import { oneCallPerTurn } from "./one-call-per-turn.js";

const CELSIUS: Readonly<Record<string, number>> = {
  Oslo: 4,
  Lisbon: 21,
  Nairobi: 24,
  Lima: 19,
  Hanoi: 31,
};

const CITIES = Object.keys(CELSIUS);
const CALLS = CITIES.map((city) => ({ name: "get_weather", args: { city } }));
const TEXT = "Hanoi is the warmest of the five.";

/** Independent calls: nothing to declare, nothing to lose. */
export const fanOut: Scene = {
  title: "1 fan-out",
  story: [
    "Five cities, and no call needs another.",
    "Nothing is declared: our node does what the stock node does.",
  ],
  question: `Which of these cities is the warmest: ${CITIES.join(", ")}?`,
  script: [CALLS, TEXT],
  oneCallPerTurn: oneCallPerTurn(CALLS, TEXT),
  isRace: true,
  setUp: () => ({
    options: {},
    routes: {
      "GET /weather": ({ query }) => {
        const city = query.get("city") ?? "";
        return { city, celsius: CELSIUS[city] ?? null };
      },
    },
    tools: (api) => [
      tool(({ city }) => api.get("/weather", { city }), {
        name: "get_weather",
        description: "Tells the temperature in a city.",
        schema: z.object({ city: z.string() }),
      }),
    ],
    findWrongResults: (messages) => {
      const texts = toolAnswers(messages).map(({ text }) => text);
      return CITIES.filter(
        (city) =>
          !texts.includes(JSON.stringify({ city, celsius: CELSIUS[city] })),
      ).map((city) => `no temperature for ${city}`);
    },
  }),
};

import { tool } from "@langchain/core/tools";
import { z } from "zod";
import type { Scene } from "../scene.js";
import { toolAnswers } from "../tool-answers.js";
import { oneCallPerTurn } from "./one-call-per-turn.js";

const TOPICS = [
  "tides",
  "comets",
  "glaciers",
  "magnets",
  "deserts",
  "volcanoes",
  "eclipses",
  "rainbows",
];
const CALLS = TOPICS.map((topic) => ({ name: "search", args: { topic } }));
const TEXT = "There is something to read about each of them.";

/** What the server takes, in any half second and not only in aligned ones. */
const SERVER_LIMIT = { limit: 3, intervalMs: 500 };
/** What we declare: a little is added for what the way there may differ. */
const OUR_LIMIT = { limit: 3, intervalMs: 650 };

/** Calls that start while the model is still writing the others. */
export const eager: Scene = {
  title: "8 eager",
  story: [
    "The model streams a message of eight calls, a token every 25 ms.",
    "The API takes 3 requests in any half second; more get 429.",
    "Declared: that rate, and that the tool only reads. Our node runs twice:",
    "it begins when the message is there, or with `eager` when the first call is.",
  ],
  question: `Search for ${TOPICS.join(", ")}.`,
  script: [CALLS, TEXT],
  oneCallPerTurn: oneCallPerTurn(CALLS, TEXT),
  tokenMs: 25,
  isRace: true,
  setUp: () => ({
    apiLimit: SERVER_LIMIT,
    options: {
      policies: { search: { readOnly: true, rateLimit: OUR_LIMIT } },
    },
    routes: {
      "GET /search": ({ query }) => resultOf(query.get("topic")),
    },
    tools: (api) => [
      tool(({ topic }) => api.get("/search", { topic }), {
        name: "search",
        description: "Searches a library for a topic.",
        schema: z.object({ topic: z.string() }),
      }),
    ],
    findWrongResults: (messages) => {
      const texts = toolAnswers(messages).map(({ text }) => text);
      return TOPICS.filter((topic) => !texts.includes(resultOf(topic))).map(
        (topic) => `nothing was found about ${topic}`,
      );
    },
  }),
};

function resultOf(topic: string | null): string {
  return `Two books about ${topic}`;
}

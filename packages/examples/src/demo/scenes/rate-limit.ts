import { tool } from "@langchain/core/tools";
import { z } from "zod";
import type { Scene, Stage } from "../scene.js";
import { toolAnswers } from "../tool-answers.js";
import { oneCallPerTurn } from "./one-call-per-turn.js";

const SYMBOLS = ["ACME", "BOLT", "CRUX", "DYNE", "ECHO", "FLUX"];
const TOOLS = ["get_quote", "get_news"];
const CALLS = SYMBOLS.flatMap((symbol) =>
  TOOLS.map((name) => ({ name, args: { symbol } })),
);
const TEXT = "ECHO has risen the most, and the news say why.";

/** What the server takes, in any second and not only in aligned ones. */
const SERVER_LIMIT = { limit: 4, intervalMs: 1_000 };
/**
 * What we declare. The server counts arrivals and we count starts, so a little
 * is added for what the way there may differ.
 */
const OUR_LIMIT = { limit: 4, intervalMs: 1_150 };

/** Two tools, one API key: the limit belongs to neither of them alone. */
export const rateLimit: Scene = {
  title: "2 rate limit",
  story: [
    "Two tools share an API that takes 4 requests in any second; more get 429.",
    "Declared: one resource with that rate, used by both tools.",
  ],
  question: `Get the quote and the news of each of ${SYMBOLS.join(", ")}.`,
  script: [CALLS, TEXT],
  oneCallPerTurn: oneCallPerTurn(CALLS, TEXT),
  isRace: true,
  setUp: () => ({
    apiLimit: SERVER_LIMIT,
    options: {
      resources: { market: { rateLimit: OUR_LIMIT } },
      policies: {
        get_quote: { resources: "market", readOnly: true },
        get_news: { resources: "market", readOnly: true },
      },
    },
    routes: {
      "GET /get_quote": ({ query }) => factOf("get_quote", query.get("symbol")),
      "GET /get_news": ({ query }) => factOf("get_news", query.get("symbol")),
    },
    tools,
    findWrongResults: (messages) => {
      const answers = toolAnswers(messages);
      return CALLS.filter(
        ({ name, args }) =>
          !answers.some(({ text }) => text === factOf(name, args.symbol)),
      ).map(({ name, args }) => `${name} ${args.symbol} has failed`);
    },
  }),
};

function factOf(toolName: string, symbol: string | null): string {
  const number = (symbol?.charCodeAt(0) ?? 0) + (symbol?.charCodeAt(1) ?? 0);
  return toolName === "get_quote"
    ? `${symbol} is at ${number}.50`
    : `${symbol} hires ${number} people`;
}

const tools: Stage["tools"] = (api) =>
  TOOLS.map((name) =>
    tool(({ symbol }) => api.get(`/${name}`, { symbol }), {
      name,
      description: `Asks the market API for the ${name.slice(4)} of a symbol.`,
      schema: z.object({ symbol: z.string() }),
    }),
  );

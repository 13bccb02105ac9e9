import { tool, type ToolRunnableConfig } from "@langchain/core/tools";
import { resource } from "parallel-tools-node";
import { z } from "zod";
import type { Scene, Stage, SubagentScript } from "../scene.js";
import { toolAnswers } from "../tool-answers.js";
import { oneCallPerTurn } from "./one-call-per-turn.js";

const BOOKS = ["Emma", "Ulysses", "Dracula", "Walden"];
const PAGES = [1, 2];
const CALLS = BOOKS.map((book) => ({ name: "review", args: { book } }));
const TEXT = "All of them are worth reading.";

/** What the provider lets in, in any second and not only in aligned ones. */
const QUOTA = { requests: 5, tokens: 10_000, intervalMs: 1_000 };
/** What we declare: a little is added for the way to the provider. */
const OUR_INTERVAL_MS = 1_150;

/** Agents as tools that ask one model: its quota belongs to none of them alone. */
export const modelQuota: Scene = {
  title: "7 model quota",
  story: [
    "Four agents as tools ask one model: 5 requests in any second, more get 429.",
    "Declared: one resource with that quota, which each agent's model uses.",
    "The stock node runs twice: its model asks once, or again by itself up to six times.",
    "The model's line shows requests with their waits for the quota.",
  ],
  question: `Review ${BOOKS.join(", ")}.`,
  script: [CALLS, TEXT],
  oneCallPerTurn: oneCallPerTurn(CALLS, TEXT),
  subagents: Object.fromEntries(
    BOOKS.map((book) => [requestFor(book), reviewOf(book)]),
  ),
  subagentQuota: QUOTA,
  isRace: true,
  setUp: () => ({
    options: { policies: { review: { concurrency: BOOKS.length } } },
    routes: {
      "GET /page": ({ query }) => `Page ${query.get("page")}: read`,
    },
    tools,
    findWrongResults: (messages) => {
      const texts = toolAnswers(messages).map(({ text }) => text);
      return BOOKS.filter((book) => !texts.includes(verdictOn(book))).map(
        (book) => `there is no review of ${book}`,
      );
    },
  }),
};

function requestFor(book: string): string {
  return `Review the book ${book}`;
}

function verdictOn(book: string): string {
  return `${book} is worth reading.`;
}

/** An agent that reads page by page, since each page decides on the next. */
function reviewOf(book: string): SubagentScript {
  const calls = PAGES.map((page) => ({
    name: "read_page",
    args: { book, page },
  }));
  const script = oneCallPerTurn(calls, verdictOn(book));
  return { script, oneCallPerTurn: script };
}

const tools: Stage["tools"] = (api, agents) => {
  const model = resource({
    rateLimit: [
      {
        limit: QUOTA.requests,
        intervalMs: OUR_INTERVAL_MS,
        counts: "calls",
      },
      { limit: QUOTA.tokens, intervalMs: OUR_INTERVAL_MS },
    ],
  });
  const readPage = tool(
    ({ book, page }) => api.get("/page", { book, page: String(page) }),
    {
      name: "read_page",
      description: "Reads a page of a book.",
      schema: z.object({ book: z.string(), page: z.number() }),
    },
  );
  return [
    tool(
      ({ book }, { toolCall }: ToolRunnableConfig) =>
        agents.ask(toolCall?.id ?? "", {
          request: requestFor(book),
          tools: [readPage],
          options: { resources: { model } },
          modelLimits: { resources: "model" },
        }),
      {
        name: "review",
        description: "Has an agent review a book.",
        schema: z.object({ book: z.string() }),
      },
    ),
  ];
};

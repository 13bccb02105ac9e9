import { tool, type ToolRunnableConfig } from "@langchain/core/tools";
import { resource } from "parallel-tools-node";
import { z } from "zod";
import type { ScriptedCall } from "../../shared/model-server.js";
import type { Scene, Stage, SubagentScript } from "../scene.js";
import { toolAnswers } from "../tool-answers.js";
import { oneCallPerTurn } from "./one-call-per-turn.js";

const TOPICS = ["solar", "wind", "tidal"];
const ASPECTS = ["cost", "growth", "makers", "limits"];
const CALLS = TOPICS.map((topic) => ({ name: "research", args: { topic } }));
const TEXT = "Solar is the cheapest of the three.";

/** What the server takes, in any second and not only in aligned ones. */
const SERVER_LIMIT = { limit: 6, intervalMs: 1_000 };
/** What we declare: a little is added for the way to the server. */
const OUR_LIMIT = { limit: 6, intervalMs: 1_150 };

/** Agents as tools: the limit belongs to none of them alone. */
export const subagents: Scene = {
  title: "6 subagents",
  story: [
    "Three agents as tools search with one key: 6 requests in any second, more get 429.",
    "Declared: one resource with that rate. Each agent has a tool node of its own.",
    "Indented: what the agents call. An agent that gets a 429 does without.",
  ],
  question: `Compare ${TOPICS.join(", ")} power.`,
  script: [CALLS, TEXT],
  oneCallPerTurn: oneCallPerTurn(CALLS, TEXT),
  subagents: Object.fromEntries(
    TOPICS.map((topic) => [requestFor(topic), researchOf(topic)]),
  ),
  isRace: true,
  setUp: () => ({
    apiLimit: SERVER_LIMIT,
    options: { policies: { research: { concurrency: 3 } } },
    routes: { "GET /search": ({ query }) => `${query.get("query")}: found` },
    tools,
    findWrongResults: (messages) => {
      const texts = toolAnswers(messages).map(({ text }) => text);
      return TOPICS.flatMap((topic) =>
        ASPECTS.map((aspect) => `${topic} ${aspect}`)
          .filter((query) => !texts.some((text) => text.includes(query)))
          .map((query) => `${query} is not in the answer`),
      );
    },
  }),
};

function requestFor(topic: string): string {
  return `Research ${topic} power`;
}

/** An agent that looks at each aspect, then tells what it has found. */
function researchOf(topic: string): SubagentScript {
  const calls: ScriptedCall[] = ASPECTS.map((aspect) => ({
    name: "search",
    args: { query: `${topic} ${aspect}` },
  }));
  const tell = (answers: readonly string[]) =>
    answers.filter((answer) => answer.endsWith(": found")).join(", ") ||
    "nothing found";
  return {
    script: (turn, answers) => (turn === 0 ? calls : tell(answers)),
    oneCallPerTurn: (turn, answers) => {
      const call = calls[turn];
      return call === undefined ? tell(answers) : [call];
    },
  };
}

const tools: Stage["tools"] = (api, agents) => {
  const options = {
    resources: { serp: resource({ rateLimit: OUR_LIMIT }) },
    policies: { search: { resources: "serp", readOnly: true } },
  };
  const search = tool(({ query }) => api.get("/search", { query }), {
    name: "search",
    description: "Searches the web.",
    schema: z.object({ query: z.string() }),
  });
  return [
    tool(
      ({ topic }, { toolCall }: ToolRunnableConfig) =>
        agents.ask(toolCall?.id ?? "", {
          request: requestFor(topic),
          tools: [search],
          options,
        }),
      {
        name: "research",
        description: "Has an agent research a kind of power.",
        schema: z.object({ topic: z.string() }),
      },
    ),
  ];
};

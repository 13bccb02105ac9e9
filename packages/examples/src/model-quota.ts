// Six agents as tools and a tool that translates ask one model. Its provider lets in so
// many requests and so many tokens; those beyond are refused with 429. Without limits
// the agents draw refusals and fail. With them each request waits for its turn: the
// quota is declared once, and every agent's middleware is told that its model uses it.
import { createAgent, tool } from "langchain";
import { resource } from "parallel-tools-node";
import {
  parallelToolsMiddleware,
  type ParallelToolsMiddlewareOptions,
} from "parallel-tools-node/middleware";
import { z } from "zod";
import { type Script, startModelServer } from "./shared/model-server.js";

/** What the provider lets in, in any two seconds and not only in aligned ones. */
const QUOTA = { requests: 12, tokens: 4_000, intervalMs: 2_000 };
/** The most tokens of an answer. A provider counts them before it answers. */
const MAX_TOKENS = 200;

/**
 * Made once: all agents that are given it share its limits. A bit more than two
 * seconds, for what the way to the provider may differ.
 */
const quota = resource({
  rateLimit: [
    { limit: QUOTA.requests, intervalMs: 2_250, counts: "calls" },
    { limit: QUOTA.tokens, intervalMs: 2_250 },
  ],
});

const topics = ["tea", "coffee", "cocoa", "sugar", "salt", "pepper"];
const titles = ["Spices of the world", "Drinks of the world"];
const question = "Write about six goods, and translate two titles.";

/** An agent that reads a page, which its second request to the model brings along. */
const research = (topic: string): Script => [
  [{ name: "read_page", args: { topic } }],
  `All about ${topic}.`,
];
/** The lead asks for all at once, and hands on what has not failed. */
const lead: Script = (turn, answers) => {
  if (turn === 0) {
    return [
      ...topics.map((topic) => ({ name: "research", args: { topic } })),
      ...titles.map((title) => ({ name: "translate", args: { title } })),
    ];
  }
  const texts = answers.filter((answer) => answer.startsWith("All about"));
  const translated = answers.filter((answer) => answer.startsWith("«"));
  return `Here are ${texts.length} texts and ${translated.length} titles.`;
};
const scripts: Record<string, Script> = { [question]: lead };
for (const topic of topics) scripts[`Research ${topic}`] = research(topic);
const translationOf = (title: string) => `Translate: ${title}`;
for (const title of titles) scripts[translationOf(title)] = [`«${title}»`];

const readPage = tool(({ topic }) => `A page on ${topic}. `.repeat(130), {
  name: "read_page",
  description: "Reads the page on a topic.",
  schema: z.object({ topic: z.string() }),
});

type Policies = NonNullable<ParallelToolsMiddlewareOptions["policies"]>;

/** Runs the agents once, and prints how it went. */
async function run(
  headline: string,
  middlewareOf: (
    policies: Policies,
  ) => ReturnType<typeof parallelToolsMiddleware>[],
): Promise<void> {
  const server = await startModelServer(scripts, {
    latencyMs: 100,
    quota: QUOTA,
    maxTokens: MAX_TOKENS,
  });
  const done = { texts: 0, titles: 0 };

  const researcher = createAgent({
    model: server.llm,
    tools: [readPage],
    middleware: middlewareOf({}),
  });
  const researchTool = tool(
    async ({ topic }) => {
      const { messages } = await researcher.invoke({
        messages: [{ role: "user", content: `Research ${topic}` }],
      });
      done.texts += 1;
      return messages.at(-1)?.text;
    },
    {
      name: "research",
      description: "Has an agent write about a topic.",
      schema: z.object({ topic: z.string() }),
    },
  );
  const translate = tool(
    async ({ title }) => {
      const answer = await server.llm.invoke(translationOf(title));
      done.titles += 1;
      return answer.text;
    },
    {
      name: "translate",
      description: "Translates a title.",
      schema: z.object({ title: z.string() }),
    },
  );
  const leadAgent = createAgent({
    model: server.llm,
    tools: [researchTool, translate],
    middleware: middlewareOf({
      // No agent, but it asks the same model: a call of it is one request.
      translate: {
        resources: "quota",
        cost: ({ title }) =>
          Math.ceil(translationOf(title).length / 4) + MAX_TOKENS,
        readOnly: true,
      },
    }),
  });

  const startedAt = performance.now();
  const answer = await leadAgent
    .invoke({ messages: [{ role: "user", content: question }] })
    .then(({ messages }) => messages.at(-1)?.text)
    .catch((error: unknown) => `none: ${String(error).split("\n")[0]}`);
  const seconds = (performance.now() - startedAt) / 1_000;
  await server.stop();

  const { turns: answered, refused } = server;
  console.log(`${headline}
  asked     the model ${answered + refused} times
  refused   ${refused} requests, with 429
  lost      ${topics.length - done.texts} of ${topics.length} agents, ${titles.length - done.titles} of ${titles.length} translations
  answer    ${answer}
  took      ${seconds.toFixed(1)} s
`);
}

console.log(
  `A model that lets in ${QUOTA.requests} requests and ${QUOTA.tokens} tokens in ${QUOTA.intervalMs / 1_000} s.\n`,
);
await run("Without limits", () => []);
await run("With the quota as a resource of all agents", (policies) => [
  parallelToolsMiddleware({
    resources: { quota },
    // The server counts what it estimates, not what was used.
    model: { resources: "quota", used: false },
    policies,
  }),
]);
console.log(
  "Each request waited for its turn, so the second run took as long as the quota asks.",
);

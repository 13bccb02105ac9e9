import { setTimeout as sleep } from "node:timers/promises";
import { type ChatCompletionRequest, LLMock } from "@copilotkit/aimock";
import { ChatOpenAI } from "@langchain/openai";
import { type ModelQuota, QuotaFetch } from "./model-quota.js";

/** One tool call that the scripted model makes. */
export interface ScriptedCall {
  readonly name: string;
  readonly args: Record<string, unknown>;
}

/** What the model says in one turn: tool calls, or a text that ends the run. */
export type Reply = readonly ScriptedCall[] | string;

/**
 * A conversation: one reply per turn, or a function of the turn (from 0) and of
 * the answers that the tools have given so far.
 */
export type Script =
  | readonly Reply[]
  | ((turn: number, answers: readonly string[]) => Reply);

export interface ModelServer {
  /** A chat model that talks to the server over HTTP, streaming or not. */
  readonly llm: ChatOpenAI;
  /** How many requests the model has answered. */
  readonly turns: number;
  /** How many requests were answered with 429, being over the quota. */
  readonly refused: number;
  stop(): Promise<void>;
}

export interface ModelServerOptions {
  /** @default 50 */
  readonly latencyMs?: number;
  /** @default there is room for all requests */
  readonly quota?: ModelQuota;
  /** How often the client asks again by itself. @default 0 */
  readonly maxRetries?: number;
  /**
   * How long the model takes for a token, some four characters, where its answer is
   * streamed. @default it writes all at once
   */
  readonly tokenMs?: number;
  /** The most tokens that an answer may have, as the model is told. */
  readonly maxTokens?: number;
}

/**
 * Starts an OpenAI-compatible server on a free port. It follows a script
 * instead of thinking, so programs run offline and the same way every time.
 *
 * @param scripts what to say, by the text of the user's message
 */
export async function startModelServer(
  scripts: Readonly<Record<string, Script>>,
  options: ModelServerOptions = {},
): Promise<ModelServer> {
  const server = new LLMock({ port: 0 });
  let turns = 0;
  for (const [userMessage, script] of Object.entries(scripts)) {
    const reply = async (request: ChatCompletionRequest) => {
      turns += 1;
      await sleep(options.latencyMs ?? 50);
      return responseOf(replyTo(request, script));
    };
    const { tokenMs } = options;
    server.onMessage(
      userMessage,
      reply,
      tokenMs === undefined ? {} : { latency: tokenMs, chunkSize: 4 },
    );
  }
  await server.start();
  const quota = options.quota && new QuotaFetch(options.quota);
  const llm = new ChatOpenAI({
    model: "gpt-4o-mini",
    apiKey: "not-needed",
    maxRetries: options.maxRetries ?? 0,
    ...(options.maxTokens && { maxTokens: options.maxTokens }),
    configuration: {
      baseURL: `${server.url}/v1`,
      ...(quota && { fetch: quota.fetch }),
    },
  });
  return {
    llm,
    get turns() {
      return turns;
    },
    get refused() {
      return quota?.refused ?? 0;
    },
    stop: () => server.stop(),
  };
}

function replyTo({ messages }: ChatCompletionRequest, script: Script): Reply {
  const turn = messages.filter(({ role }) => role === "assistant").length;
  if (typeof script !== "function") {
    const reply = script[turn];
    if (reply === undefined) throw new Error(`The script has no turn ${turn}.`);
    return reply;
  }
  const answers = messages.filter(({ role }) => role === "tool");
  return script(
    turn,
    answers.map(({ content }) => String(content)),
  );
}

function responseOf(reply: Reply) {
  if (typeof reply === "string") return { content: reply };
  const toolCalls = reply.map(({ name, args }) => ({
    name,
    arguments: JSON.stringify(args),
  }));
  return { toolCalls };
}

import { setTimeout as sleep } from "node:timers/promises";
import { type ChatCompletionRequest, LLMock } from "@copilotkit/aimock";
import { ChatOpenAI } from "@langchain/openai";

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
  stop(): Promise<void>;
}

/**
 * Starts an OpenAI-compatible server on a free port. It follows a script
 * instead of thinking, so programs run offline and the same way every time.
 *
 * @param scripts what to say, by the text of the user's message
 */
export async function startModelServer(
  scripts: Readonly<Record<string, Script>>,
  options: { latencyMs?: number } = {},
): Promise<ModelServer> {
  const server = new LLMock({ port: 0 });
  let turns = 0;
  for (const [userMessage, script] of Object.entries(scripts)) {
    server.onMessage(userMessage, async (request) => {
      turns += 1;
      await sleep(options.latencyMs ?? 50);
      return responseOf(replyTo(request, script));
    });
  }
  await server.start();
  const llm = new ChatOpenAI({
    model: "gpt-4o-mini",
    apiKey: "not-needed",
    maxRetries: 0,
    configuration: { baseURL: `${server.url}/v1` },
  });
  return {
    llm,
    get turns() {
      return turns;
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

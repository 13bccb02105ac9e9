import {
  type ChatCompletionRequest,
  type ChatMessage,
  LLMock,
} from "@copilotkit/aimock";
import { ChatOpenAI, ChatOpenAICompletions } from "@langchain/openai";

/** A tool call as a scene writes it. */
export interface ScriptedCall {
  readonly id: string;
  readonly name: string;
  readonly args?: Record<string, unknown>;
}

/** What the model says in one turn: tool calls, or its last words. */
export type Turn = readonly ScriptedCall[] | string;

export interface ModelOptions {
  /** Ask for tokens as they come, also where the agent is only invoked. */
  readonly streaming?: boolean;
  readonly useResponsesApi?: boolean;
}

/** A tool message as it went over the wire. */
export interface WireAnswer {
  readonly id: string | undefined;
  readonly content: unknown;
}

/** A model with a fixed script, and what it was asked. */
export interface ScriptedModel {
  readonly model: ChatOpenAI;
  /** The requests that the server has received, in their order. */
  readonly requests: readonly ChatCompletionRequest[];
  /** The tool messages of request number `turn`, counted from 0. */
  answers(turn: number): WireAnswer[];
}

/** An OpenAI server on a free port of this machine. */
export class ModelServer {
  readonly #mock: LLMock;
  #scripts = 0;

  private constructor(mock: LLMock) {
    this.#mock = mock;
  }

  static async start(): Promise<ModelServer> {
    return new ModelServer(await LLMock.create({ port: 0 }));
  }

  /** A model that says `turns`, one per request, then fails. */
  script(turns: readonly Turn[], options: ModelOptions = {}): ScriptedModel {
    this.#scripts += 1;
    const name = `script-${this.#scripts}`;
    const requests: ChatCompletionRequest[] = [];
    this.#mock.on({ predicate: ({ model }) => model === name }, (request) => {
      requests.push(request);
      return responseOf(turns[requests.length - 1]);
    });
    const fields = {
      model: name,
      apiKey: "none",
      maxRetries: 0,
      configuration: { baseURL: `${this.#mock.url}/v1` },
      ...options,
    };
    return {
      model: new ChatOpenAI({
        ...fields,
        completions: new OfflineCompletions(fields),
      }),
      requests,
      answers: (turn) => wireAnswers(requests[turn]?.messages ?? []),
    };
  }

  stop(): Promise<void> {
    return this.#mock.stop();
  }
}

/** Doesn't fetch a tokenizer from the net to count what was streamed. */
class OfflineCompletions extends ChatOpenAICompletions {
  override async getNumTokens(): Promise<number> {
    return 0;
  }
}

function responseOf(turn: Turn | undefined) {
  if (turn === undefined) {
    return { error: { message: "the script has ended" }, status: 500 };
  }
  if (typeof turn === "string") return { content: turn };
  return {
    toolCalls: turn.map(({ id, name, args = {} }) => ({
      id,
      name,
      arguments: JSON.stringify(args),
    })),
  };
}

function wireAnswers(messages: readonly ChatMessage[]): WireAnswer[] {
  return messages
    .filter(({ role }) => role === "tool")
    .map(({ tool_call_id: id, content }) => ({ id, content }));
}

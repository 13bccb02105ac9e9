import { ChatAnthropic } from "@langchain/anthropic";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { ChatOpenAI } from "@langchain/openai";

/** A way to ask a model. */
export interface Api {
  readonly name: string;
  readonly modelAt: (origin: string) => BaseChatModel;
}

const FIELDS = { apiKey: "not-needed", maxRetries: 0 };

export const APIS: readonly Api[] = [
  { name: "OpenAI completions", modelAt: (origin) => openAi(origin, false) },
  { name: "OpenAI Responses", modelAt: (origin) => openAi(origin, true) },
  {
    name: "Anthropic",
    modelAt: (origin) =>
      new ChatAnthropic({
        ...FIELDS,
        model: "claude-sonnet-4-5",
        anthropicApiUrl: origin,
      }),
  },
];

function openAi(origin: string, useResponsesApi: boolean): BaseChatModel {
  return new ChatOpenAI({
    ...FIELDS,
    model: "gpt-4o-mini",
    useResponsesApi,
    configuration: { baseURL: `${origin}/v1` },
  });
}

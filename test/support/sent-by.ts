import { ChatOpenAI } from "@langchain/openai";

/** A tool as OpenAI is sent it. */
export interface SentTool {
  readonly function: {
    readonly strict?: boolean;
    readonly parameters: {
      readonly properties: Readonly<Record<string, unknown>>;
    };
  };
}

/** What OpenAI would be sent. */
export function sentBy(tools: unknown[], kwargs: object = {}): unknown[] {
  const model = new ChatOpenAI({ model: "gpt-5.4", apiKey: "none" });
  const bound = model.bindTools(tools as never[], kwargs);
  const { defaultOptions } = bound as unknown as {
    defaultOptions: { tools: unknown[] };
  };
  return defaultOptions.tools;
}

import type { BaseMessage } from "@langchain/core/messages";

/** A request to a model, before it is sent. */
export interface ModelRequest {
  /** The model's name, such as `gpt-5.4`. `undefined`: it tells none. */
  readonly model: string | undefined;
  /** What a chat model is sent. Empty for embeddings. */
  readonly messages: readonly BaseMessage[];
  /** What embeddings are made of. Empty for a chat model. */
  readonly texts: readonly string[];
  /** The most tokens that the answer may have. `undefined`: nothing was said. */
  readonly maxTokens: number | undefined;
}

/** Types of parts of a message that are no text. */
const DATA = /^(?:image|input_image|audio|input_audio|video|file|document)/;

/** Characters for which a token is counted. */
const CHARACTERS_PER_TOKEN = 4;

/**
 * The tokens that a request will take, as providers estimate them before they answer
 * (OpenAI's guide on rate limits): all characters of the messages over four, and the most
 * tokens that may come back. At least 1. Images, sound and files count as nothing.
 */
export function estimateTokens(request: ModelRequest): number {
  const { messages, texts, maxTokens = 0 } = request;
  let characters = 0;
  for (const text of texts) characters += text.length;
  for (const message of messages) characters += charactersOf(message);
  return Math.max(1, Math.ceil(characters / CHARACTERS_PER_TOKEN) + maxTokens);
}

function charactersOf(message: BaseMessage): number {
  const { content, tool_calls: calls } = message as BaseMessage & {
    tool_calls?: readonly { readonly name: string; readonly args: unknown }[];
  };
  let characters = 0;
  for (const part of [content].flat()) characters += charactersOfPart(part);
  for (const { name, args } of calls ?? []) {
    characters += name.length + jsonOf(args).length;
  }
  return characters;
}

function charactersOfPart(part: unknown): number {
  if (typeof part === "string") return part.length;
  const { type, text } = (part ?? {}) as { type?: unknown; text?: unknown };
  if (typeof text === "string") return text.length;
  return DATA.test(String(type)) ? 0 : jsonOf(part).length;
}

/** What can't be written as JSON can't be sent either. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return "";
  }
}

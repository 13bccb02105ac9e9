import type { Turn } from "../../script.js";

/** What a provider sends, and after how many tokens it sends that. */
export interface Frame {
  readonly tokens: number;
  /** The name of the event, where the provider gives one. */
  readonly event?: string;
  readonly data: object | "[DONE]";
}

/** What is read of a request. */
export interface Asked {
  /** The text of the first message of the user. */
  readonly prompt: string;
  /** How many outputs of tools it holds. */
  readonly outputs: number;
}

/** How a provider streams its answers. */
export interface Format {
  readonly path: string;
  read(body: unknown): Asked;
  /** @param id of the answer: LangGraph takes two messages of one id for the same */
  framesOf(turn: Turn, id: string): Frame[];
}

/** The text of a message, which is one text or several parts. */
export function textOf(content: unknown): string {
  if (!Array.isArray(content)) return String(content);
  return content.map((part: { text?: string }) => part.text ?? "").join("");
}

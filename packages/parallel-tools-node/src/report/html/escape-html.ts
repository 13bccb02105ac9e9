import { MOST_NAME, printable } from "../words/printable.js";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as it may stand in an element or in an attribute within quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}

/**
 * A name that a tool or a model has given: on one line, shortened, and kept from
 * turning the direction of what stands around it.
 */
export function nameHtml(name: string, most = MOST_NAME): string {
  return `<bdi>${escapeHtml(printable(name, most))}</bdi>`;
}

/** Several lines that a tool or a model has given, of which some may be cut. */
export function linesHtml(text: string, most: number): string {
  const lines = text.slice(0, most).split("\n");
  const shown = lines.map((line) => printable(line, most)).join("\n");
  return escapeHtml(text.length > most ? `${shown}…` : shown);
}

import { MOST_NAME, printable } from "../words/printable.js";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes a text for an element, or for an attribute within quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}

/**
 * A name that a tool or a model has given: escaped, shortened and on one line.
 * `<bdi>` keeps it from reversing the direction of the text around it.
 */
export function nameHtml(name: string, most = MOST_NAME): string {
  return `<bdi>${escapeHtml(printable(name, most))}</bdi>`;
}

/** A text of several lines that a tool or a model has given: escaped and cut. */
export function linesHtml(text: string, most: number): string {
  const lines = text.slice(0, most).split("\n");
  const shown = lines.map((line) => printable(line, most)).join("\n");
  return escapeHtml(text.length > most ? `${shown}…` : shown);
}

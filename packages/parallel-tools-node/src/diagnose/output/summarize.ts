import type { Diagnosis } from "../diagnosis.js";

/** The totals, in two or three sentences. */
export function summarize({
  conversations,
  calls,
  turns,
  turnsNeeded,
  turnsNeededAtMost,
  shareSaved,
  secondsSaved,
}: Diagnosis): string[] {
  const sentences = [
    `${count(conversations, "conversation")}, ${count(calls, "call")} in ${count(turns, "turn")}.`,
  ];
  if (turnsNeeded === turns) {
    sentences.push("No turn could have been saved.");
    return sentences;
  }
  sentences.push(
    `${count(turnsNeeded, "turn")} would have done: ${percent(shareSaved)} can be saved.`,
  );
  if (turnsNeededAtMost > turnsNeeded) {
    sentences.push(
      `If the model did have to look first wherever it may have, ${turnsNeededAtMost}.`,
    );
  }
  if (secondsSaved !== undefined) {
    sentences.push(`By recorded times that is about ${secondsSaved} seconds.`);
  }
  return sentences;
}

/** A share from 0 to 1, as text. */
function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

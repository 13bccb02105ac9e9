import type { Diagnosis } from "../diagnosis.js";

/** What a finding says and what it can't say, in every output alike. */
const MEANING_OF_FINDINGS =
  "Calls that could have shared a turn needed nothing from each other's outputs, and none of them is known to write what another touches. Whether the model wanted to see a result before it asked for the next can't be seen in values. Reads are safe to have been asked for together all the same; at worst, some would not have been needed.";

/** What the figures of `eager` rest on. */
const MEANING_OF_EAGER =
  "What an early start saves is an estimate: it takes the calls of a message to be written evenly, from the first token on, or from the message before where that is not recorded.";

/** What the findings of a diagnosis claim. */
export function describeMeaning({ findings }: Diagnosis): string {
  return findings.some(({ eager }) => eager.length > 0)
    ? `${MEANING_OF_FINDINGS} ${MEANING_OF_EAGER}`
    : MEANING_OF_FINDINGS;
}

/** The totals, in two to five sentences. */
export function describeTotals({
  conversations,
  calls,
  turns,
  turnsNeeded,
  turnsNeededAtMost,
  shareSaved,
  secondsSaved,
  eagerSecondsSaved,
}: Diagnosis): string {
  const sentences = [
    `${count(conversations, "conversation")}, ${count(calls, "call")} in ${count(turns, "turn")}.`,
  ];
  if (turnsNeeded === turns) {
    sentences.push("No turn could have been saved.");
  } else {
    sentences.push(
      `${count(turnsNeeded, "turn")} would have done: ${(100 * shareSaved).toFixed(1)}% can be saved.`,
    );
    if (turnsNeededAtMost > turnsNeeded) {
      sentences.push(
        `If the model did have to look first wherever it may have, ${turnsNeededAtMost}.`,
      );
    }
    if (secondsSaved !== undefined) {
      sentences.push(
        `By recorded times that is about ${secondsSaved} seconds.`,
      );
    }
  }
  if (eagerSecondsSaved !== undefined) {
    sentences.push(
      `Calls that start while the model writes (\`eager\`) could have saved at most about ${eagerSecondsSaved} seconds.`,
    );
  }
  return sentences.join(" ");
}

/** The advice of all findings, the most frequent first, each text once. */
export function listAdvice({ findings }: Diagnosis): string[] {
  const counts = new Map<string, number>();
  for (const { advice } of findings) {
    for (const { text } of advice) {
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
  }
  return [...counts]
    .sort(([, one], [, other]) => other - one)
    .map(([text]) => text);
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

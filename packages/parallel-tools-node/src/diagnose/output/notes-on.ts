import type { Finding } from "../finding.js";

/** What is to be said of a finding besides its turns. */
export function notesOn({ nPlusOne, oneByOne }: Finding): string[] {
  return [
    ...nPlusOne.map(
      ({ list, tool, times }) =>
        `N+1: ${times} calls of ${tool}, each for a value out of one answer of ${list}`,
    ),
    ...oneByOne.map(
      ({ turn, calls, secondsSaved }) =>
        `The ${calls.length} calls of turn ${turn} ran one after another: ${secondsSaved} s could be saved`,
    ),
  ];
}

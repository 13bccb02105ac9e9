/** The call ran into a limit in time while it ran. */
export function stopped(problem: string, isRepeatable: boolean): string {
  const next = isRepeatable
    ? "Ask it for less, make this call again later, or go on without it."
    : "It may have taken effect all the same: find out before you make this call again.";
  return `Error: ${problem} This call was stopped and has no result. ${next}`;
}

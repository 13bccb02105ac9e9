/** Tokens that something took, and when. */
interface Taken {
  readonly at: number;
  readonly cost: number;
}

/**
 * The spans of `intervalMs`, each beginning with what took something, in which
 * more than `limit` tokens were taken. `[]` is what a test wants.
 */
export function overfullSpans(
  taken: readonly Taken[],
  limit: number,
  intervalMs: number,
): string[] {
  return taken.flatMap(({ at: from }) => {
    const used = taken
      .filter(({ at }) => at >= from && at < from + intervalMs)
      .reduce((sum, { cost }) => sum + cost, 0);
    return used > limit ? [`${used} from ${from}`] : [];
  });
}

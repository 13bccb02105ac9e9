/** The targets of a benchmark; remembers whether all have been met. */
export class Targets {
  #missed = 0;

  get allMet(): boolean {
    return this.#missed === 0;
  }

  /** Holds `measured` against `most`: two cells, the target and the verdict. */
  atMost(
    most: number,
    measured: number,
    digits = 2,
  ): [target: string, verdict: string] {
    const isMet = measured <= most;
    if (!isMet) this.#missed += 1;
    return [`<= ${most.toFixed(digits)}`, isMet ? "met" : "MISSED"];
  }
}

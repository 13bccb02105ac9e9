/** Two cells of a table. */
type Verdict = [target: string, verdict: string];

/** The targets of a benchmark; remembers whether all have been met. */
export class Targets {
  #missed = 0;

  get allMet(): boolean {
    return this.#missed === 0;
  }

  /** Holds `measured` against `most`: two cells, the target and the verdict. */
  atMost(most: number, measured: number, digits = 2): Verdict {
    return this.#judge(`<= ${most.toFixed(digits)}`, measured <= most);
  }

  /** As `atMost`, for what is to be no less. */
  atLeast(least: number, measured: number, digits = 2): Verdict {
    return this.#judge(`>= ${least.toFixed(digits)}`, measured >= least);
  }

  /**
   * As `atLeast`, where nothing whatever could give more than `bound`. A target
   * above that says nothing of what was measured: it is met if it is reached,
   * and else no miss.
   */
  atLeastWithin(least: number, measured: number, bound: number): Verdict {
    const isMet = measured >= least;
    if (!isMet && bound < least) {
      return [`>= ${least.toFixed(2)}`, "beyond the bound"];
    }
    return this.atLeast(least, measured);
  }

  /** As the verdict on `what`, where nothing may be refused or lost besides. */
  withoutLoss(
    what: string,
    [target, verdict]: Verdict,
    { refused, lost }: { readonly refused: number; readonly lost: number },
  ): Verdict {
    const [, refusals] = this.atMost(0, refused, 0);
    const [, loss] = this.atMost(0, lost, 0);
    const isMet = [verdict, refusals, loss].every((one) => one === "met");
    return [`${what} ${target}, no 429, no loss`, isMet ? "met" : "MISSED"];
  }

  #judge(target: string, isMet: boolean): Verdict {
    if (!isMet) this.#missed += 1;
    return [target, isMet ? "met" : "MISSED"];
  }
}

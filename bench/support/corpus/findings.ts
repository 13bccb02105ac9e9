import { Targets } from "../targets.js";

/** Mismatches that are printed. */
const SHOWN = 10;

/** What was found to be wrong, where nothing should be. */
export class Findings {
  readonly #targets = new Targets();
  readonly #mismatches: string[] = [];

  get areNone(): boolean {
    return this.#targets.allMet;
  }

  add(where: string, what: string): void {
    this.#mismatches.push(`${where}: ${what}`);
  }

  /** Two cells, the target and the verdict. */
  judge(wrong: number): readonly string[] {
    return this.#targets.atMost(0, wrong, 0);
  }

  print(): void {
    const { length } = this.#mismatches;
    if (length === 0) return;
    console.log(`\n${length} mismatches, the first of them:\n`);
    for (const mismatch of this.#mismatches.slice(0, SHOWN)) {
      console.log(mismatch);
    }
  }
}

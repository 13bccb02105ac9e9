import type { Finding } from "./finding.js";

/** Calls that could have shared a turn, by their tools. */
export interface Pattern {
  /** E.g. `list_orders -> N x get_order` or `N x search`. */
  readonly text: string;
  /** A tool was called once for each entry of an earlier output. */
  readonly isNPlusOne: boolean;
  /** How often it was found. */
  readonly count: number;
  /** Turns that it would have saved. */
  readonly turnsSaved: number;
}

/** What was found in recorded conversations. */
export interface Diagnosis {
  readonly conversations: number;
  readonly calls: number;
  /** Messages of the model that hold calls. */
  readonly turns: number;
  /** Turns that would have been enough for what the calls needed. */
  readonly turnsNeeded: number;
  /** As `turnsNeeded`, if the model did have to wait wherever it may have. */
  readonly turnsNeededAtMost: number;
  /** 0 to 1: `(turns - turnsNeeded) / turns`; 0 where there are no turns. */
  readonly shareSaved: number;
  /** Estimated from recorded times; absent where no finding has them. */
  readonly secondsSaved?: number;
  /**
   * By calls that start while their message is written (`eager`), at most, as
   * estimated from recorded times; absent where no finding has them. It holds
   * for the turns as they were, so don't add it to `secondsSaved`.
   */
  readonly eagerSecondsSaved?: number;
  /** All findings, also those that `maxFindings` leaves out. */
  readonly findingCount: number;
  /** Those that save most come first. */
  readonly findings: readonly Finding[];
  /** The ten most frequent ones. */
  readonly patterns: readonly Pattern[];
  /** Tools that count as writers because no option says what they do. */
  readonly unknownTools: readonly {
    readonly name: string;
    readonly calls: number;
  }[];
}

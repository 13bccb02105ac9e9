import type { Finding } from "./finding.js";

/** Calls that could have shared a turn, by their tools. */
export interface Pattern {
  /** E.g. `list_orders -> N x get_order` or `N x search`. */
  readonly text: string;
  /** One call for each entry of what an earlier call gave. */
  readonly isNPlusOne: boolean;
  /** How often it was found. */
  readonly count: number;
  /** Turns that it cost. */
  readonly turnsSaved: number;
}

/** What was found in recorded conversations. */
export interface Diagnosis {
  readonly conversations: number;
  readonly calls: number;
  /** Messages with calls: what the model was asked to go on for. */
  readonly turns: number;
  /** As many would have done, by what the calls needed of each other. */
  readonly turnsNeeded: number;
  /** As `turnsNeeded`, if the model did have to look wherever it may have. */
  readonly turnsNeededAtMost: number;
  /** 0 to 1: `(turns - turnsNeeded) / turns`; 0 where there are no turns. */
  readonly shareSaved: number;
  /** Estimated, over the findings with recorded times; left out without them. */
  readonly secondsSaved?: number;
  /** All there are, also those that `maxFindings` leaves out. */
  readonly findingCount: number;
  /** Those that save most, first. */
  readonly findings: readonly Finding[];
  /** The ten that were found most often. */
  readonly patterns: readonly Pattern[];
  /** Tools of which nothing was said, so that they count as writers. */
  readonly unknownTools: readonly {
    readonly name: string;
    readonly calls: number;
  }[];
}

/** What a world did that the rules forbid. */
export interface Difference {
  readonly kind: DifferenceKind;
  readonly detail: string;
}

/** In a few words, the same for all of a kind. */
export type DifferenceKind =
  | "hangs"
  | "throws"
  | "never ends"
  | "unknown interrupt"
  | "shown twice"
  | "two questions, one id"
  | "one question, two ids"
  | "asked again"
  | "not shown"
  | "shown, not asked"
  | "not the lowest index"
  | "answer nobody gave"
  | "answer by an old id"
  | "answer of another"
  | "finished call ran again"
  | "ran again in one run"
  | "too many attempts"
  | "never ran"
  | "out of order"
  | "ran though it must not"
  | "ran with other arguments"
  | "ran before its review"
  | "another review"
  | "runs after its run"
  | "started early"
  | "discarded, not reported"
  | "reported, not discarded"
  | "messages";

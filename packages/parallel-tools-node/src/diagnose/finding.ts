/**
 * Why a call had to wait for an earlier one.
 *
 * - `output`: a value of its arguments was first seen in that one's output
 * - `unexplained`: a value of its arguments was seen nowhere before, so that it
 *   may follow from all that came before it
 * - `conflict`: the two share state, and one of them writes or may write
 * - `order`: a policy says so (`after`, `sequential`)
 * - `failure`: that one failed, and this is the next call of its tool
 * - `repeat`: the same call again, as when one waits for a change, or the same
 *   question in other words
 */
export type NeedReason =
  | "output"
  | "unexplained"
  | "conflict"
  | "order"
  | "failure"
  | "repeat";

export interface Need {
  /** The call that has to come first, as an index into `calls` of the finding. */
  readonly index: number;
  readonly reason: NeedReason;
  /** The evidence, e.g. `` its output showed `id` first ``. */
  readonly detail: string;
  /** `output`, `unexplained`: paths of the arguments, e.g. `flights[0].date`. */
  readonly arguments?: readonly string[];
  /** Their values, shortened; only if `showValues` is set. */
  readonly values?: readonly string[];
}

export interface FoundCall {
  /** 0-based, in the order in which the model asked. */
  readonly index: number;
  readonly id: string | undefined;
  readonly name: string;
  /** 1-based turn of the stretch in which it was asked for. */
  readonly turn: number;
  /** 1-based turn in which it could have been asked for. */
  readonly couldBeTurn: number;
  /**
   * What was said of its tool: it reads, it writes, it touches declared keys, or
   * nothing (then it counts as a writer).
   */
  readonly access: "reads" | "writes" | "keys" | "unknown";
  /** Without what others imply, except evidence. Empty: it needed nothing. */
  readonly needs: readonly Need[];
  /**
   * The model may have waited to see how a call of the turn before ended:
   * whether it failed, whether it found anything, or whether there is a next
   * page (the two differ in a number alone, which has grown). Values don't tell.
   */
  readonly mayHaveLooked?: "failure" | "nothing-found" | "next-in-line";
}

/** One call for each entry of what an earlier call gave. */
export interface NPlusOne {
  /** The tool whose output held the entries. */
  readonly list: string;
  readonly tool: string;
  readonly times: number;
}

/** Calls of one message that ran one after another though nothing asked for it. */
export interface OneByOne {
  /** 1-based turn of the stretch. */
  readonly turn: number;
  /** Indexes into `calls`. */
  readonly calls: readonly number[];
  /** The longest of them would have taken that much less than all did. */
  readonly secondsSaved: number;
}

/** Something that can be done about a finding. */
export interface Advice {
  readonly kind: "parallel-tool-calls" | "prompt" | "policy" | "references";
  readonly text: string;
}

/**
 * A stretch of a conversation, from one word of the user to the next, in which
 * the model took more turns to ask for its tools than their needs ask for.
 *
 * What it claims: calls with the same `couldBeTurn` needed nothing from each
 * other's outputs, and none of them writes what another one touches. Whether the
 * model wanted to see a result before it asked for the next can't be seen.
 */
export interface Finding {
  /** The file, as it was called. */
  readonly source?: string;
  /** 0-based place of the conversation among all that were read. */
  readonly conversation: number;
  /** Where the conversation begins, e.g. `runs.jsonl, line 3, column 1`. */
  readonly place?: string;
  /** 0-based places in the conversation of the messages that hold the calls. */
  readonly messages: readonly number[];
  /** Messages with calls that the stretch had. */
  readonly turns: number;
  /** As many would have done. */
  readonly turnsNeeded: number;
  /** As `turnsNeeded`, if the model did have to look wherever it may have. */
  readonly turnsNeededAtMost: number;
  readonly calls: readonly FoundCall[];
  /** The DAG that would have served: per turn, indexes into `calls`. */
  readonly couldBe: readonly (readonly number[])[];
  readonly nPlusOne: readonly NPlusOne[];
  /** Found only where a tracer has recorded when each call ran. */
  readonly oneByOne: readonly OneByOne[];
  /**
   * By fewer turns, estimated from recorded times; left out where there are none.
   */
  readonly secondsSaved?: number;
  readonly advice: readonly Advice[];
}

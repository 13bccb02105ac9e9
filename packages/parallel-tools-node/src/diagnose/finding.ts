/**
 * Why a call had to wait for an earlier one.
 *
 * - `output`: the earlier one's output showed a value of its arguments first
 * - `unexplained`: a value of its arguments occurs nowhere before, so it may
 *   follow from anything before
 * - `conflict`: the two share state, and one of them writes or may write it
 * - `order`: a policy says so (`after`, `sequential`)
 * - `failure`: the earlier one failed, and this is the next call of its tool
 * - `repeat`: the same call again, e.g. to wait for a change, or the same
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
   * What is declared of its tool: it reads, it writes, or it touches certain
   * keys. `unknown`: nothing is, so it counts as a writer.
   */
  readonly access: "reads" | "writes" | "keys" | "unknown";
  /**
   * Empty: it needed nothing. Needs that others imply are left out, unless their
   * reason is `output`.
   */
  readonly needs: readonly Need[];
  /**
   * The model may have waited to see how a call of the turn before ended:
   * whether it failed, whether it found anything, or whether there is a next
   * page (the two calls differ only in a number, which has grown). Values can't
   * prove it.
   */
  readonly mayHaveLooked?: "failure" | "nothing-found" | "next-in-line";
}

/** A tool that was called once for each entry of an earlier output. */
export interface NPlusOne {
  /** The tool whose output held the entries. */
  readonly list: string;
  readonly tool: string;
  readonly times: number;
}

/** Calls of one message that ran one after another without need. */
export interface OneByOne {
  /** 1-based turn of the stretch. */
  readonly turn: number;
  /** Indexes into `calls`. */
  readonly calls: readonly number[];
  /** The time of all of them, less that of the longest one. */
  readonly secondsSaved: number;
}

/**
 * Calls of one message that could have started while the model was writing it.
 * An estimate for a model that streams: call k of n is taken to be complete
 * after k/n of the time since the message before, or since the first token
 * where a tracer recorded it.
 */
export interface EagerStart {
  /** 1-based turn of the stretch. */
  readonly turn: number;
  /** Indexes into `calls`. */
  readonly calls: readonly number[];
  /** At most, and for this turn as it was recorded. */
  readonly secondsSaved: number;
}

/** What can be changed about a finding. */
export interface Advice {
  readonly kind:
    | "parallel-tool-calls"
    | "prompt"
    | "policy"
    | "references"
    | "eager";
  readonly text: string;
}

/**
 * A stretch of a conversation, from one message of the user to the next, in
 * which the model took more turns than its calls needed, or calls started later
 * than they could have.
 *
 * Calls with the same `couldBeTurn` needed nothing from each other's outputs,
 * and none of them writes what another one touches. Whether the model wanted to
 * see a result before it asked for the next can't be seen in values.
 */
export interface Finding {
  /** The name of the file. */
  readonly source?: string;
  /** 0-based place of the conversation among all that were read. */
  readonly conversation: number;
  /** Where the conversation begins, e.g. `runs.jsonl, line 3, column 1`. */
  readonly place?: string;
  /** 0-based places in the conversation of the messages that hold the calls. */
  readonly messages: readonly number[];
  /** Messages with calls in the stretch. */
  readonly turns: number;
  /** Turns that would have been enough. */
  readonly turnsNeeded: number;
  /** As `turnsNeeded`, if the model did have to wait wherever it may have. */
  readonly turnsNeededAtMost: number;
  readonly calls: readonly FoundCall[];
  /** The shorter course: per turn, indexes into `calls`. */
  readonly couldBe: readonly (readonly number[])[];
  readonly nPlusOne: readonly NPlusOne[];
  /** Found only where a tracer recorded when each call ran. */
  readonly oneByOne: readonly OneByOne[];
  /** Found only where times are recorded, for calls of tools that read. */
  readonly eager: readonly EagerStart[];
  /** By fewer turns, estimated from recorded times; absent without them. */
  readonly secondsSaved?: number;
  readonly advice: readonly Advice[];
}

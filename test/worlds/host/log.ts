import { labelOf } from "../texts.js";

/** What a call did. */
export type Deed =
  /** `isEarly`: its message was still being written. */
  | { readonly did: "start"; readonly isEarly: boolean }
  | { readonly did: "ended" }
  /** An early run of no use was aborted. */
  | { readonly did: "discarded" }
  | { readonly did: "effect"; readonly place: number }
  | { readonly did: "asked" | "paused"; readonly question: string }
  | {
      readonly did: "got";
      readonly question: string;
      readonly answer: unknown;
    }
  | { readonly did: "failed"; readonly how: string };

export type LogLine = Deed & {
  /** Of the thread, from 1. */
  readonly run: number;
  /** Each time that a tool is run it is another. */
  readonly execution: number;
  /** From 0, as the calls of its message. */
  readonly turn: number;
  /** The index of the call. Of calls that are run once it is the first. */
  readonly call: number;
  /** The number of the last edit of its arguments. */
  readonly edit: number | undefined;
};

export function logText(line: LogLine): string {
  const { did, run, execution, turn, call, edit } = line;
  const name = labelOf({ place: turn, edits: new Map([[call, edit]]) }, call);
  const who = `run ${run}: ${name} (execution ${execution}) ${did}`;
  switch (line.did) {
    case "start":
      return line.isEarly ? `${who} early` : who;
    case "effect":
      return `${who} ${line.place}`;
    case "asked":
    case "paused":
      return `${who} ${line.question}`;
    case "got":
      return `${who} ${line.question}: ${JSON.stringify(line.answer)}`;
    case "failed":
      return `${who} (${line.how})`;
    default:
      return who;
  }
}

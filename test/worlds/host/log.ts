/** What a call did. */
export type Deed =
  | { readonly did: "start" | "ended" }
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
  /** The index of the call. */
  readonly call: number;
};

export function logText(line: LogLine): string {
  const { did, run, execution, call } = line;
  const who = `run ${run}: call ${call + 1} (execution ${execution}) ${did}`;
  switch (line.did) {
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

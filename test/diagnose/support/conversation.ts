/** A message in the form of OpenAI's chat API. */
export interface ChatMessage {
  readonly role: string;
  readonly content: string | null;
  readonly tool_calls?: readonly object[];
  readonly tool_call_id?: string;
}

/** A call and what the tool answers to it. */
export type Step = readonly [name: string, args: object, output: unknown];

export function system(content: string): ChatMessage[] {
  return [{ role: "system", content }];
}

export function user(content: string): ChatMessage[] {
  return [{ role: "user", content }];
}

export function model(content: string): ChatMessage[] {
  return [{ role: "assistant", content }];
}

/** One turn: a message with calls, and the answers to them. */
export function turn(...steps: readonly Step[]): ChatMessage[] {
  const ids = steps.map(() => nextId());
  return [
    {
      role: "assistant",
      content: null,
      tool_calls: steps.map(([name, args], place) => ({
        id: ids[place],
        type: "function",
        function: { name, arguments: JSON.stringify(args) },
      })),
    },
    ...steps.map(([, , output], place): ChatMessage => {
      return {
        role: "tool",
        tool_call_id: ids[place] as string,
        content: typeof output === "string" ? output : JSON.stringify(output),
      };
    }),
  ];
}

/** Turns of one call each. */
export function turns(...steps: readonly Step[]): ChatMessage[] {
  return steps.flatMap((step) => turn(step));
}

let ids = 0;

function nextId(): string {
  ids += 1;
  return `call_${String.fromCharCode(97 + (ids % 26))}${ids}`;
}

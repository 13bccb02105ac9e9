import type { ToolCall } from "@langchain/core/messages/tool";
import type { CodeTask, TaskCall } from "./tasks.js";

/** A way to make the calls of a task. */
export interface Contender {
  readonly name: string;
  /** The calls of each message of the model. */
  readonly turnsOf: (task: CodeTask) => readonly (readonly ToolCall[])[];
  readonly references?: true;
  readonly runsCode?: true;
}

const calls = (
  given: readonly TaskCall[],
  argsOf: (call: TaskCall) => ToolCall["args"] = ({ args }) => args,
): ToolCall[] =>
  given.map((call) => ({
    name: call.tool,
    args: argsOf(call),
    type: "tool_call",
  }));

export const ONE_PER_TURN: Contender = {
  name: "one call per turn",
  turnsOf: ({ first, others }) =>
    calls([first, ...others]).map((call) => [call]),
};

export const PARALLEL: Contender = {
  name: "parallel calls",
  turnsOf: ({ first, others }) => [calls([first]), calls(others)],
};

export const REFERENCES: Contender = {
  name: "references",
  references: true,
  turnsOf: ({ first, others }) => [
    calls([first, ...others], ({ args, ref }) => ref ?? args),
  ],
};

export const CODE: Contender = {
  name: "code",
  runsCode: true,
  turnsOf: ({ code }) => [
    [{ name: "eval", args: { code }, type: "tool_call" }],
  ],
};

import type { ToolCall } from "@langchain/core/messages/tool";
import { referenceText } from "../texts.js";
import { type CallDraw, leaderOf, type Turn } from "../world.js";

/** The arguments by which a tool knows which call it is run for. */
export interface Place {
  readonly turn: number;
  readonly number: number;
  readonly edit?: number;
}

/** The calls of a turn as they stand in its message. */
export function toolCallsOf(turn: Turn): ToolCall[] {
  return turn.calls.flatMap((call, index) =>
    turn.absent.get(index)?.is === "removed"
      ? []
      : [toolCallOf(turn, index, call)],
  );
}

function toolCallOf(turn: Turn, index: number, call: CallDraw): ToolCall {
  return {
    type: "tool_call",
    ...(call.id !== undefined && { id: call.id }),
    name: call.tool,
    args: argsOf(turn, index, call),
  };
}

function argsOf(turn: Turn, index: number, { reference }: CallDraw) {
  const leader = leaderOf(turn, index);
  const { key, amount } = turn.calls[leader] as CallDraw;
  const edit = turn.edits.get(index);
  const place: Place = {
    turn: turn.place,
    number: leader,
    ...(edit !== undefined && { edit }),
  };
  return {
    ...place,
    key,
    ...(reference && { reference: referenceText(reference) }),
    ...(amount !== undefined && { amount }),
  };
}

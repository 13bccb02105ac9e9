import {
  AIMessage,
  type BaseMessage,
  HumanMessage,
  isAIMessage,
  isToolMessage,
  ToolMessage,
} from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import type { Fate } from "./oracle/fates-of.js";
import { substituteText } from "./texts.js";
import {
  type Absence,
  type Edit,
  isAgent,
  isShared,
  isSubstituted,
  type Turn,
} from "./world.js";

/** A change that a user makes in the state of a thread that waits. */
export interface StateEdit {
  readonly what: Edit;
  /** The call that it changes. */
  readonly index: number | undefined;
  /** What the turn is then. */
  readonly turn: Turn;
  /** What `updateState` gets. */
  readonly messages: readonly BaseMessage[];
}

/** Where a change is possible: the turn, where its calls stand, the messages. */
export interface EditPlace {
  readonly turn: Turn;
  readonly fates: readonly Fate[];
  readonly messages: readonly BaseMessage[];
  /** The number of the edit. */
  readonly number: number;
}

/** `undefined`: there is nothing here that could be changed like that. */
export function stateEdit(
  what: Edit,
  place: EditPlace,
  pick: (indexes: readonly number[]) => number,
): StateEdit | undefined {
  if (what === "message") return editOfMessage(place);
  const indexes = candidates(what, place);
  if (indexes.length === 0) return undefined;
  const index = pick(indexes);
  switch (what) {
    case "open call":
    case "finished call":
      return editOfCall(what, index, place);
    case "answer":
      return answerByHand(index, place);
    case "removal":
      return removal(index, place);
  }
}

/** The calls that can be changed like that. */
function candidates(
  what: Exclude<Edit, "message">,
  { turn, fates, messages }: EditPlace,
): number[] {
  const { calls, absent } = turn;
  const isPossible = (index: number) => {
    const fate = fates[index]?.is;
    const isFinished = fate === "ok" || fate === "failed";
    const isOpen = fate === "open" || fate === "waiting";
    if (absent.has(index) || isShared(turn, index)) return false;
    switch (what) {
      case "open call":
        return isOpen && !isSubstituted(turn, index);
      case "finished call":
        return isFinished && !isSubstituted(turn, index);
      case "answer":
        return leavesOthers(turn, index) && canAnswer(turn, index, messages);
      case "removal":
        // References count the calls of the message.
        return (
          leavesOthers(turn, index) &&
          calls.every(({ reference }) => reference === undefined)
        );
    }
  };
  return calls.flatMap((_, index) => (isPossible(index) ? [index] : []));
}

/** Without a call to run, the edges of agents lead to the end. */
function leavesOthers({ calls, absent }: Turn, index: number): boolean {
  return calls.some((_, other) => other !== index && !absent.has(other));
}

/**
 * Whether a thread goes on when somebody has answered one of its calls. The edges of
 * `createReactAgent` and of `createAgent` without `afterModel` lead to the end
 * where the last message is a ToolMessage (`react_agent_executor`; `ReactAgent`,
 * `#createModelRouter`). With `afterModel` it goes on if a call is left whose id no
 * ToolMessage of the thread has, of an earlier turn, too (`#createAfterModelRouter`,
 * `pendingToolCalls`). Which call is answered is told by its id alone.
 *
 * Read in langchain 1.5.14.
 */
function canAnswer(
  { host, calls, absent }: Turn,
  index: number,
  messages: readonly BaseMessage[],
): boolean {
  const id = calls[index]?.id;
  const answered = new Set(
    messages.filter((one) => isToolMessage(one)).map((one) => one.tool_call_id),
  );
  const isLeft = calls.some(
    (call, other) =>
      other !== index && !absent.has(other) && !answered.has(call.id as string),
  );
  return (
    (host.kind === "graph" ||
      (isAgent(host) && host.reviews !== "nowhere" && isLeft)) &&
    id !== undefined &&
    id !== "" &&
    calls.every((call, other) => other === index || call.id !== id)
  );
}

function editOfMessage({ turn }: EditPlace): StateEdit {
  const message = new HumanMessage({ id: "human", content: "Go now." });
  return { what: "message", index: undefined, turn, messages: [message] };
}

function editOfCall(
  what: Edit,
  index: number,
  { turn, messages, number }: EditPlace,
): StateEdit {
  const edits = new Map(turn.edits).set(index, number);
  const message = withCalls(messages, (call) =>
    numberOf(call) === index
      ? [{ ...call, args: { ...call.args, edit: number } }]
      : [call],
  );
  return { what, index, turn: { ...turn, edits }, messages: [message] };
}

function answerByHand(index: number, { turn }: EditPlace): StateEdit {
  const content = substituteText(turn, index, "hand");
  const absence: Absence = { is: "answered by hand", content };
  const { id, tool } = turn.calls[index] as Turn["calls"][number];
  const message = new ToolMessage({
    content,
    name: tool,
    tool_call_id: id as string,
    status: "success",
  });
  return {
    what: "answer",
    index,
    turn: { ...turn, absent: new Map(turn.absent).set(index, absence) },
    messages: [message],
  };
}

function removal(index: number, { turn, messages }: EditPlace): StateEdit {
  const absent = new Map(turn.absent).set(index, { is: "removed" });
  const message = withCalls(messages, (call) =>
    numberOf(call) === index ? [] : [call],
  );
  const edited = { ...turn, absent };
  return { what: "removal", index, turn: edited, messages: [message] };
}

/** The last message of the model, with other calls. */
function withCalls(
  messages: readonly BaseMessage[],
  change: (call: ToolCall) => ToolCall[],
): AIMessage {
  const last = messages.findLast(isAIMessage) as AIMessage;
  return new AIMessage({
    ...(last.id !== undefined && { id: last.id }),
    content: last.content,
    additional_kwargs: last.additional_kwargs,
    response_metadata: last.response_metadata,
    tool_calls: (last.tool_calls ?? []).flatMap(change),
  });
}

function numberOf({ args }: ToolCall): number {
  return (args as { number: number }).number;
}

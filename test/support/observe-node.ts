import { type BaseMessage, isBaseMessage } from "@langchain/core/messages";
import {
  type Command,
  isCommand,
  isInterrupted,
  INTERRUPT,
  Send,
} from "@langchain/langgraph";

/** How a run ended, in a form that two runs share when they did the same. */
export type Observation =
  | { readonly returned: unknown }
  | { readonly threw: unknown };

export async function observe(
  run: () => Promise<unknown>,
): Promise<Observation> {
  try {
    return { returned: plain(await run()) };
  } catch (error) {
    return { threw: plainError(error) };
  }
}

/** Leaves out what differs from run to run: the ids of messages. */
function plain(value: unknown): unknown {
  if (isBaseMessage(value)) return plainMessage(value);
  if (isCommand(value)) return plainCommand(value);
  if (value instanceof Send) return { send: value.node, args: value.args };
  if (Array.isArray(value)) return value.map(plain);
  if (isInterrupted(value)) {
    const { [INTERRUPT]: interrupts, ...rest } = value;
    return {
      ...(plainFields(rest) as object),
      interrupts: interrupts.map((interrupt) => interrupt.value),
    };
  }
  return typeof value === "object" && value !== null
    ? plainFields(value)
    : value;
}

function plainFields(value: object): unknown {
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, plain(field)]),
  );
}

function plainMessage(message: BaseMessage): unknown {
  const { content, name, additional_kwargs, response_metadata } = message;
  const { tool_call_id, status, artifact, metadata } = message as BaseMessage &
    Record<string, unknown>;
  return {
    class: message.constructor.name,
    type: message.getType(),
    content,
    name,
    additional_kwargs,
    response_metadata,
    tool_call_id,
    status,
    artifact,
    metadata,
  };
}

function plainCommand({ graph, goto, update, resume }: Command): unknown {
  return {
    class: "Command",
    graph,
    goto: plain(goto),
    update: plain(update),
    resume,
  };
}

function plainError(error: unknown): unknown {
  if (typeof error !== "object" || error === null) return { value: error };
  if (!(error instanceof Error)) {
    // The graph's mark on what a node throws, another one in each run.
    const { pregelTaskId: _, ...value } = error as Record<string, unknown>;
    return { value };
  }
  const { name, message } = error;
  return { class: error.constructor.name, name, message };
}

/**
 * The host's secret: where a message still shows its calls as the model wrote them
 * when its `tool_calls` has been changed. LangChain's `humanInTheLoopMiddleware`
 * puts the calls that nobody has to approve before the others, for instance. It
 * assigns `tool_calls` of the message and leaves the rest of it as it was.
 *
 * Read in langchain 1.5.14 (`agents/middleware/hitl`), in @langchain/core 1.4.0
 * (`messages/ai`: `lc_kwargs` are the fields that a message was made from), and in
 * the converters of @langchain/openai 1.5.8 (`converters/completions`, `responses`),
 * @langchain/anthropic 1.5.11 (`utils/message_outputs`) and @langchain/google-genai
 * 2.3.2 (`utils/common`).
 */
import type { AIMessage } from "@langchain/core/messages";

/** A call as a message shows it. Nothing in it is checked. */
export interface ShownCall {
  readonly id?: unknown;
  readonly name?: unknown;
  /** Some providers give text that is to be read as JSON. */
  readonly args?: unknown;
  /** In place of arguments, in our own note. */
  readonly digest?: unknown;
}

/** What a message shows of its calls beside `tool_calls`. */
export interface ShownCalls {
  readonly calls: readonly ShownCall[];
  /**
   * A checkpoint keeps it. What a message object was made with is only what it was
   * when it was read from a checkpoint: `tool_calls` may have been changed before.
   */
  readonly isKept: boolean;
}

/** The key of our own note in `response_metadata`, which checkpoints keep. */
export const ORDER_NOTE = "parallel-tools-node";

type Fields = Readonly<Record<string, unknown>>;

/**
 * The calls of a message as the model wrote them. The best evidence counts: our
 * note, what the provider has sent, the fields that the object was made with.
 *
 * @returns `undefined` if it shows nothing beside `tool_calls`. Empty if what it
 *   shows can't be read
 */
export function shownCalls(message: AIMessage): ShownCalls | undefined {
  try {
    const kept = notedCalls(message) ?? callsOfProvider(message);
    if (kept !== undefined) return { calls: kept, isKept: true };
    const given = fieldsOf(message.lc_kwargs)["tool_calls"];
    return given !== message.tool_calls && Array.isArray(given)
      ? { calls: given.map(fieldsOf), isKept: false }
      : undefined;
  } catch {
    return { calls: [], isKept: true };
  }
}

function notedCalls({
  response_metadata: metadata,
}: AIMessage): readonly ShownCall[] | undefined {
  const note = fieldsOf(metadata)[ORDER_NOTE];
  if (note === undefined) return undefined;
  const { calls } = fieldsOf(note);
  return Array.isArray(calls) ? calls.map(fieldsOf) : [];
}

function callsOfProvider({
  content,
  additional_kwargs: raw,
  response_metadata: metadata,
}: AIMessage): readonly ShownCall[] | undefined {
  return (
    shownIn(content, callInBlock) ??
    shownIn(fieldsOf(raw)["tool_calls"], rawCall) ??
    shownIn(fieldsOf(metadata)["output"], callInOutput)
  );
}

function shownIn(
  list: unknown,
  read: (item: Fields) => ShownCall | undefined,
): readonly ShownCall[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const calls = list.flatMap((item) => read(fieldsOf(item)) ?? []);
  return calls.length > 0 ? calls : undefined;
}

/** Anthropic and Bedrock; LangChain's standard blocks; Google. */
function callInBlock(block: Fields): ShownCall | undefined {
  switch (block["type"]) {
    case "tool_use":
      return { id: block["id"], name: block["name"], args: block["input"] };
    case "tool_call":
    case "tool_call_chunk":
      return { id: block["id"], name: block["name"], args: block["args"] };
    case "functionCall": {
      const { id, name, args } = fieldsOf(block["functionCall"]);
      return { id, name, args };
    }
    default:
      return undefined;
  }
}

/** OpenAI's chat completions. */
function rawCall({ id, function: called }: Fields): ShownCall {
  const { name, arguments: args } = fieldsOf(called);
  return { id, name, args };
}

/** OpenAI's responses. LangChain names the tool of a `computer_call` `computer_use`. */
function callInOutput(item: Fields): ShownCall | undefined {
  const { call_id: id, name } = item;
  switch (item["type"]) {
    case "function_call":
      return { id, name, args: item["arguments"] };
    case "custom_tool_call":
      return { id, name, args: { input: item["input"] } };
    case "computer_call":
      return { id, name: "computer_use", args: { action: item["action"] } };
    default:
      return undefined;
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

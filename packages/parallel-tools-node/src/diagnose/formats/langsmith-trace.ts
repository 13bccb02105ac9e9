import { readMessages } from "./read-messages.js";
import { messagesOfRun } from "./langsmith-messages.js";
import { ownField, ownText } from "../own-field.js";
import { readTime } from "./read-time.js";
import type {
  RecordedConversation,
  RecordedMessage,
  RecordedSpan,
} from "../recorded-conversation.js";
import { jsonOf } from "./text-of.js";

/** Lists of messages that one trace may hold, e.g. of several agents. */
const MAX_LISTS = 50;

interface MessageList {
  readonly place: string;
  readonly messages: RecordedMessage[];
  readonly callIds: ReadonlySet<string>;
  /** In characters, about. */
  readonly size: number;
}

/**
 * What the runs of one trace tell together. Every run of a model repeats what
 * was said before, so of the lists that they hold only those are kept whose
 * calls no other list holds. The runs of tools say when each call ran.
 */
export class LangsmithTrace {
  #lists: MessageList[] = [];
  #tools = "";
  readonly #callSpans = new Map<string, RecordedSpan>();
  readonly #modelSpans = new Map<string, RecordedSpan>();

  /** In characters, about. */
  get size(): number {
    return this.#lists.reduce((sum, { size }) => sum + size, 0);
  }

  /** @throws UnreadableConversationError */
  add(run: unknown, place: string): void {
    const type = ownText(run, "run_type");
    const span = spanOf(run);
    if (type === "tool") {
      const id = callIdOf(run);
      if (id !== undefined && span !== undefined) this.#callSpans.set(id, span);
      return;
    }
    const values = messagesOfRun(run);
    if (values.length === 0) return;
    const messages = readMessages(values, place);
    if (type === "llm") this.#addModelRun(run, messages, span);
    this.#addList({
      place,
      messages,
      callIds: idsOf(messages),
      size: sizeOf(messages),
    });
  }

  conversations(): RecordedConversation[] {
    const tools: RecordedMessage[] =
      this.#tools === ""
        ? []
        : [{ role: "system", text: this.#tools, calls: [], answers: [] }];
    return this.#lists.map(({ place, messages }) => ({
      place,
      messages: [...tools, ...messages],
      onlyLast: true,
      callSpans: this.#callSpans,
      modelSpans: this.#modelSpans,
    }));
  }

  #addModelRun(
    run: unknown,
    messages: readonly RecordedMessage[],
    span: RecordedSpan | undefined,
  ): void {
    const parameters = ownField(ownField(run, "extra"), "invocation_params");
    if (this.#tools === "") this.#tools = jsonOf(ownField(parameters, "tools"));
    const answer = messages.at(-1);
    if (span === undefined || answer?.role !== "model") return;
    for (const { id } of answer.calls) {
      if (id !== undefined) this.#modelSpans.set(id, span);
    }
  }

  #addList(list: MessageList): void {
    if (list.callIds.size === 0) return;
    const isWithin = (one: MessageList, other: MessageList) =>
      one.callIds.size <= other.callIds.size &&
      one.messages.length <= other.messages.length &&
      [...one.callIds].every((id) => other.callIds.has(id));
    if (this.#lists.some((other) => isWithin(list, other))) return;
    this.#lists = this.#lists.filter((other) => !isWithin(other, list));
    if (this.#lists.length < MAX_LISTS) this.#lists.push(list);
  }
}

function idsOf(messages: readonly RecordedMessage[]): Set<string> {
  // A call without an id is known by its place.
  return new Set(
    messages.flatMap(({ calls }, index) =>
      calls.map(({ id, name }, place) => id ?? `${index} ${place} ${name}`),
    ),
  );
}

function sizeOf(messages: readonly RecordedMessage[]): number {
  return messages.reduce(
    (sum, { text, answers }) =>
      answers.reduce((size, answer) => size + answer.text.length, sum) +
      text.length,
    0,
  );
}

function spanOf(run: unknown): RecordedSpan | undefined {
  const startMs = readTime(ownField(run, "start_time"));
  const endMs = readTime(ownField(run, "end_time"));
  if (startMs === undefined || endMs === undefined || endMs < startMs) {
    return undefined;
  }
  return { startMs, endMs };
}

/** Which call a tool's run ran: its output is the ToolMessage. */
function callIdOf(run: unknown): string | undefined {
  const outputs = ownField(run, "outputs");
  const output = ownField(outputs, "output");
  for (const holder of [
    outputs,
    output,
    ownField(output, "kwargs"),
    ownField(run, "inputs"),
    ownField(run, "extra"),
    ownField(ownField(run, "extra"), "metadata"),
  ]) {
    const id = ownText(holder, "tool_call_id");
    if (id !== undefined) return id;
  }
  return undefined;
}

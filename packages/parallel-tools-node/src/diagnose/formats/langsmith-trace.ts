import { ownField, ownList, ownText } from "../own-field.js";
import type {
  RecordedConversation,
  RecordedMessage,
  RecordedModelSpan,
  RecordedSpan,
} from "../recorded-conversation.js";
import { readMessages } from "./read-message.js";
import { readTime } from "./read-time.js";
import { jsonOf } from "./text-of.js";

/** Lists of messages that are kept of one trace, e.g. of several agents. */
const MAX_LISTS = 50;

interface MessageList {
  readonly place: string;
  readonly messages: RecordedMessage[];
  readonly callIds: ReadonlySet<string>;
  /** Roughly, in characters. */
  readonly size: number;
}

/** Whether a record is a run of LangSmith. */
export function isRun(record: unknown): boolean {
  return (
    ownText(record, "run_type") !== undefined &&
    (ownText(record, "trace_id") ?? ownText(record, "id")) !== undefined
  );
}

/**
 * The conversations in the runs of one trace. Every run of a model repeats the
 * messages before it, so a list of messages is kept only if no other list holds
 * all of its calls. The runs of tools say when each call ran.
 */
export class LangsmithTrace {
  #lists: MessageList[] = [];
  #tools = "";
  readonly #callSpans = new Map<string, RecordedSpan>();
  readonly #modelSpans = new Map<string, RecordedModelSpan>();

  /** Roughly, in characters. */
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
    const model = modelSpanOf(run, span);
    for (const { id } of answer.calls) {
      if (id !== undefined) this.#modelSpans.set(id, model);
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
  // A call without an id is identified by its place.
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

function modelSpanOf(run: unknown, span: RecordedSpan): RecordedModelSpan {
  const firstTokenMs = readTime(ownField(run, "first_token_time"));
  const isWithin =
    firstTokenMs !== undefined &&
    firstTokenMs >= span.startMs &&
    firstTokenMs <= span.endMs;
  return isWithin ? { ...span, firstTokenMs } : span;
}

/** The id of the call that a tool's run ran. Its output may be a ToolMessage. */
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

/**
 * The messages that a run holds: the input and the output of a model, or the
 * state that a graph ended with.
 */
function messagesOfRun(run: unknown): readonly unknown[] {
  const inputs = ownField(run, "inputs");
  const outputs = ownField(run, "outputs");
  const given = listIn(inputs);
  const got = listIn(outputs);
  if (ownField(run, "run_type") !== "llm") {
    // The state at the end holds the messages of the input, too.
    return got.length >= given.length ? got : given;
  }
  return [...given, ...(got.length > 0 ? got : answersIn(outputs))];
}

/** The input of a chat model is a list of lists: one for each prompt. */
function listIn(holder: unknown): readonly unknown[] {
  for (const place of [
    holder,
    ownField(holder, "input"),
    ownField(holder, "output"),
  ]) {
    const list = ownList(place, "messages");
    if (list === undefined) continue;
    return Array.isArray(list[0]) ? (list[0] as unknown[]) : list;
  }
  for (const name of ["input", "output"]) {
    const list = ownList(holder, name);
    if (list !== undefined) return list;
  }
  return [];
}

function answersIn(outputs: unknown): readonly unknown[] {
  const generations = ownList(outputs, "generations")?.[0];
  const generation = Array.isArray(generations)
    ? (generations[0] as unknown)
    : generations;
  const choice = ownList(outputs, "choices")?.[0];
  const found = [
    ownField(generation, "message"),
    ownField(choice, "message"),
    ownField(outputs, "message"),
    ownField(outputs, "output"),
  ].find((value) => typeof value === "object" && value !== null);
  if (found !== undefined) return [found];
  return ownField(outputs, "role") === undefined ? [] : [outputs];
}

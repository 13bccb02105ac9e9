import { UnreadableConversationError } from "../../errors/unreadable-conversation-error.js";
import { ownField, ownList, ownText } from "../own-field.js";
import type { RecordedConversation } from "../recorded-conversation.js";
import { LangsmithTrace } from "./langsmith-trace.js";

/** Traces that are open at a time: the runs of so many may be mixed. */
const MAX_OPEN = 1_000;
/** In characters, of all open traces together. */
const MAX_OPEN_SIZE = 32_000_000;
/** Ids of closed traces that are remembered. */
const MAX_CLOSED = 1_000_000;

/**
 * Groups the runs of an export by trace. Exports list runs by time, so the runs
 * of a trace stand near each other: a trace counts as complete when many others
 * have begun after its last run.
 */
export class TraceCollector {
  /** By id of the trace. The one with the latest run stands last. */
  readonly #open = new Map<string, LangsmithTrace>();
  readonly #closed = new Set<string>();
  #size = 0;

  /**
   * Adds a run and the runs within it (`child_runs`).
   *
   * @returns the conversations of traces that are complete now
   * @throws UnreadableConversationError
   */
  add(run: unknown, place: string): RecordedConversation[] {
    const id = ownText(run, "trace_id") ?? ownText(run, "id") ?? "";
    if (this.#closed.has(id)) {
      throw new UnreadableConversationError(
        place,
        `a run of trace ${id.slice(0, 80)}, which seemed to be complete`,
        `The runs of a trace have to stand near each other: sort the export by trace_id, or by time.`,
      );
    }
    const trace = this.#open.get(id) ?? new LangsmithTrace();
    this.#open.delete(id);
    this.#open.set(id, trace);
    const before = trace.size;
    for (const one of flatten(run)) trace.add(one, place);
    this.#size += trace.size - before;
    const complete: RecordedConversation[] = [];
    while (this.#isFull()) {
      const [oldest] = this.#open.keys();
      complete.push(...this.#close(oldest as string));
    }
    return complete;
  }

  /** The conversations of all traces that are still open. */
  end(): RecordedConversation[] {
    return [...this.#open.keys()].flatMap((id) => this.#close(id));
  }

  #isFull(): boolean {
    return (
      this.#open.size > MAX_OPEN ||
      (this.#open.size > 1 && this.#size > MAX_OPEN_SIZE)
    );
  }

  #close(id: string): RecordedConversation[] {
    const trace = this.#open.get(id);
    const conversations = trace?.conversations() ?? [];
    this.#size -= trace?.size ?? 0;
    this.#open.delete(id);
    if (this.#closed.size < MAX_CLOSED) this.#closed.add(id);
    return conversations;
  }
}

/** The run and all below it. */
function flatten(run: unknown): unknown[] {
  const all = [run];
  // The list grows while it is walked, so that deep nesting needs no recursion.
  for (const one of all) {
    for (const child of ownList(one, "child_runs") ?? []) {
      if (ownField(child, "run_type") !== undefined) all.push(child);
    }
  }
  return all;
}

import { BaseCallbackHandler } from "@langchain/core/callbacks/base";

/** Where a handler is told of a run its own id, that of its parent, and its name. */
interface Places {
  readonly run: number;
  readonly parent: number;
  readonly name?: number;
}

const START: Places = { run: 2, parent: 3, name: 6 };
const END: Places = { run: 1, parent: 2 };

const EVENTS: Readonly<Record<string, Places>> = {
  handleChatModelStart: { run: 2, parent: 3, name: 7 },
  handleLLMNewToken: { run: 2, parent: 3 },
  handleLLMEnd: END,
  handleLLMError: END,
  handleChainStart: { run: 2, parent: 3, name: 7 },
  handleChainEnd: END,
  handleChainError: END,
  handleToolStart: START,
  handleToolEvent: END,
  handleToolEnd: END,
  handleToolError: END,
  handleCustomEvent: { run: 2, parent: 9 },
};

/** What a handler was told. */
export interface Told {
  readonly event: string;
  /** The names of the runs around it, the outermost first. */
  readonly path: readonly string[];
  /** The call around it, if there is one. */
  readonly call: string | undefined;
  /** What was said, but for runs and chunks. */
  readonly said: unknown;
}

interface Run {
  readonly name: string;
  readonly parent: unknown;
  readonly call: string | undefined;
}

/** Writes down all that a run tells a handler. It makes models stream. */
export class RecordingHandler extends BaseCallbackHandler {
  readonly name = "recording";
  readonly lc_prefer_streaming = true;
  override awaitHandlers = true;
  readonly told: Told[] = [];
  readonly #runs = new Map<unknown, Run>();

  readonly lc_prefer_chat_model_stream_events: boolean;

  /** @param wantsEvents models tell of events, and not of chunks */
  constructor(wantsEvents = false) {
    super();
    this.lc_prefer_chat_model_stream_events = wantsEvents;
    for (const event of Object.keys(EVENTS)) {
      Object.assign(this, {
        [event]: (...args: unknown[]) => this.#hear(event, args),
      });
    }
  }

  override copy(): this {
    return this;
  }

  #hear(event: string, args: readonly unknown[]): void {
    const { run, parent, name } = EVENTS[event] as Places;
    if (name !== undefined) {
      this.#runs.set(args[run], {
        name: String(args[name] ?? event),
        parent: args[parent],
        call:
          event === "handleToolStart"
            ? String(args[7])
            : this.#runs.get(args[parent])?.call,
      });
    }
    this.told.push({
      event,
      path: this.#pathOf(args[run]),
      call: this.#runs.get(args[run])?.call,
      said: args[run === 1 || event === "handleLLMNewToken" ? 0 : 1],
    });
  }

  #pathOf(id: unknown): string[] {
    const run = this.#runs.get(id);
    if (run === undefined) return id === undefined ? [] : ["unknown"];
    return [...this.#pathOf(run.parent), run.name];
  }
}

/**
 * The host's secret: what LangChain's handlers are told of a run, and in which place
 * each method has the ids of the run and of the one around it.
 *
 * Read in @langchain/core 1.4.0 (`callbacks/manager`, `callbacks/base`).
 */
import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import type { CallbackManager } from "@langchain/core/callbacks/manager";
import { consumeCallback } from "@langchain/core/callbacks/promises";
import { tracerWithTimes } from "./tracer-times.js";

type Ignoring = Extract<keyof BaseCallbackHandler, `ignore${string}`>;

/** Where a method has what. `undefined`: it hasn't got it. */
interface Places {
  readonly ignoredBy: Ignoring;
  readonly run: number;
  readonly parent?: number;
  readonly tags?: number;
  readonly metadata?: number;
  /** By which a tracer is told at once that a run begins. */
  readonly creates?: string;
}

const LLM = { ignoredBy: "ignoreLLM", run: 1, parent: 2 } as const;
const CHAIN = { ignoredBy: "ignoreChain", run: 1, parent: 2 } as const;
const AGENT = { ignoredBy: "ignoreAgent", run: 1, parent: 2 } as const;
const RETRIEVER = { ignoredBy: "ignoreRetriever", run: 1, parent: 2 } as const;
const STARTS_MODEL = {
  ignoredBy: "ignoreLLM",
  run: 2,
  parent: 3,
  tags: 5,
  metadata: 6,
} as const;
const STARTS = { run: 2, parent: 3, tags: 4, metadata: 5 } as const;

const METHODS: Readonly<Record<string, Places>> = {
  handleLLMStart: { ...STARTS_MODEL, creates: "_createRunForLLMStart" },
  handleChatModelStart: {
    ...STARTS_MODEL,
    creates: "_createRunForChatModelStart",
  },
  handleLLMNewToken: { ignoredBy: "ignoreLLM", run: 2, parent: 3 },
  handleChatModelStreamEvent: LLM,
  handleLLMError: LLM,
  handleLLMEnd: LLM,
  handleChainStart: {
    ...STARTS,
    ignoredBy: "ignoreChain",
    creates: "_createRunForChainStart",
  },
  handleChainError: CHAIN,
  handleChainEnd: CHAIN,
  handleToolStart: {
    ...STARTS,
    ignoredBy: "ignoreAgent",
    creates: "_createRunForToolStart",
  },
  handleToolEvent: AGENT,
  handleToolError: AGENT,
  handleToolEnd: AGENT,
  handleAgentAction: AGENT,
  handleAgentEnd: AGENT,
  handleText: AGENT,
  handleRetrieverStart: {
    ...STARTS,
    ignoredBy: "ignoreRetriever",
    creates: "_createRunForRetrieverStart",
  },
  handleRetrieverError: RETRIEVER,
  handleRetrieverEnd: RETRIEVER,
  handleCustomEvent: {
    ignoredBy: "ignoreCustomEvent",
    run: 2,
    tags: 3,
    metadata: 4,
  },
};

type Method = (...args: unknown[]) => unknown;
type Handler = BaseCallbackHandler & Readonly<Record<string, unknown>>;

/** Tells the date: milliseconds since 1970. */
interface Dates {
  date(): number;
}

/** Something that was said, and when: milliseconds since 1970. */
interface Said {
  readonly method: string;
  readonly args: readonly unknown[];
  readonly at: number;
}

/** Where what was held back is handed out. */
export interface Listeners {
  /** Of the run of the tool: its id, its handlers, and what runs inside inherit. */
  readonly manager: CallbackManager;
  readonly runId: string;
}

/**
 * Hears what a run of a tool tells its handlers, and holds it back until it is known
 * who may hear it. From then on it hands on what it hears.
 *
 * What LangChain says of the tool's own run is left out: the run for which it stands
 * says that itself.
 */
export class HeldCallbacks extends BaseCallbackHandler {
  readonly name = "parallel-tools-node: held back";
  override awaitHandlers = true;
  /** Models inside of the tool stream if those who will hear it want that. */
  readonly lc_prefer_streaming: boolean;
  readonly lc_prefer_chat_model_stream_events: boolean;
  readonly #clock: Dates;
  readonly #onGraph: () => void;
  #ownRun: unknown;
  #held: Said[] = [];
  #listeners: Listeners | undefined;
  #isDropped = false;

  /**
   * @param heard those who will probably hear it
   * @param onGraph is called before a graph starts; what it throws is thrown there
   */
  constructor(heard: readonly object[], clock: Dates, onGraph: () => void) {
    super();
    const prefers = (key: string) =>
      heard.some((one) => (one as Record<string, unknown>)[key] === true);
    this.lc_prefer_streaming = prefers("lc_prefer_streaming");
    this.lc_prefer_chat_model_stream_events = prefers(
      "lc_prefer_chat_model_stream_events",
    );
    this.#clock = clock;
    this.#onGraph = onGraph;
    const methods: Record<string, Method> = {};
    for (const method of Object.keys(METHODS)) {
      methods[method] = (...args) => this.#hear(method, args);
    }
    Object.assign(this, methods);
  }

  /** Children of a manager have the same handlers, and not copies. */
  override copy(): this {
    return this;
  }

  /**
   * LangChain takes it for a tracer, so that it hears of a graph before that one runs:
   * what is thrown here is thrown there, and on no console.
   */
  _addRunToRunMap(): void {}
  _createRunForLLMStart(): void {}
  _createRunForChatModelStart(): void {}
  _createRunForToolStart(): void {}
  _createRunForRetrieverStart(): void {}
  _createRunForChainStart(chain: { readonly id?: readonly string[] }): void {
    if (chain?.id?.[0] === "langgraph") this.#onGraph();
  }

  /** Hands out what was held back, and from now on everything. */
  handTo(listeners: Listeners): void {
    this.#listeners = listeners;
    for (const said of this.#held.splice(0)) void this.#tell(said, true);
  }

  /** Nobody will hear it. */
  drop(): void {
    this.#isDropped = true;
    this.#held = [];
  }

  #hear(method: string, args: readonly unknown[]): Promise<void> | undefined {
    const { run } = METHODS[method] as Places;
    if (this.#ownRun === undefined && method === "handleToolStart") {
      this.#ownRun = args[run];
      return undefined;
    }
    const isOwn = args[run] === this.#ownRun && method.startsWith("handleTool");
    if (isOwn || this.#isDropped) return undefined;
    const said = { method, args, at: this.#clock.date() };
    if (this.#listeners !== undefined) return this.#tell(said, false);
    this.#held.push(said);
    return undefined;
  }

  /** @param isLate it happened before now */
  async #tell({ method, args, at }: Said, isLate: boolean): Promise<void> {
    const { manager, runId } = this.#listeners as Listeners;
    const places = METHODS[method] as Places;
    const told = this.#placed(args, places, manager, runId);
    const time = () => at;
    await Promise.all(
      manager.handlers.map(async (one) => {
        if (one[places.ignoredBy]) return;
        const handler = (
          isLate ? tracerWithTimes(one, { startOf: time, endOf: time }) : one
        ) as Handler;
        const create = places.creates && handler[places.creates];
        if (typeof create === "function") create.apply(handler, told);
        const hear = handler[method];
        if (typeof hear !== "function") return;
        await consumeCallback(async () => {
          try {
            await (hear as Method).apply(handler, told);
          } catch (error) {
            if (handler.raiseError) throw error;
            // oxlint-disable-next-line no-console -- as LangChain has it
            console.warn(`Error in handler ${handler.name}, ${method}:`, error);
          }
        }, handler.awaitHandlers);
      }),
    );
  }

  /** The arguments as they are where the tool runs in its place. */
  #placed(
    args: readonly unknown[],
    { run, parent, tags, metadata }: Places,
    manager: CallbackManager,
    runId: string,
  ): unknown[] {
    const told = [...args];
    if (told[run] === this.#ownRun) told[run] = runId;
    if (parent !== undefined && told[parent] === this.#ownRun) {
      told[parent] = runId;
    }
    if (tags !== undefined) {
      const own = (told[tags] as readonly string[] | undefined) ?? [];
      told[tags] = [...new Set([...manager.inheritableTags, ...own])];
    }
    if (metadata !== undefined) {
      told[metadata] = {
        ...manager.inheritableMetadata,
        ...(told[metadata] as object | undefined),
      };
    }
    return told;
  }
}

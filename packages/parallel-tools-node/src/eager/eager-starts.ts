import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { getConfig } from "@langchain/langgraph";
import type { Callbacks } from "@langchain/core/callbacks/manager";
import type { BatchHost } from "../batch/batch-host.js";
import type { EarlyBatches } from "../batch/early-batches.js";
import { askerOf } from "../langgraph/early-config.js";
import { runOf } from "../langgraph/nested-signal.js";
import { taskIdOf } from "../langgraph/task.js";
import {
  handlersOf,
  withHandler,
  WritingHandler,
} from "../langgraph/writing-handler.js";
import type { DiscardedRun } from "../report/early-start.js";
import { CallSeals } from "./call-seals.js";
import { EagerMessage } from "./eager-message.js";

/** What is given with a request to a model, as far as it is read. */
export type RequestOptions = LangGraphRunnableConfig & {
  callbacks?: Callbacks;
};

interface EagerStartsOptions {
  /** Names of tools whose calls a human approves. */
  readonly needsApproval?: readonly string[] | undefined;
  /** Whether calls may start early at all in the run of this config. */
  readonly mayStart?: (config: LangGraphRunnableConfig) => boolean;
}

/** Starts calls of a node or a middleware while its model writes them. */
export class EagerStarts {
  readonly #host: BatchHost;
  readonly #messages: EarlyBatches;
  readonly #needsApproval: ReadonlySet<string>;
  readonly #mayStart: (config: LangGraphRunnableConfig) => boolean;
  /** Tools that needed what an early run doesn't have. */
  readonly #unfit = new Set<string>();
  /** Early runs for messages that were never there, by run and by task. */
  readonly #discarded = new WeakMap<
    object,
    Map<string | undefined, readonly DiscardedRun[]>
  >();

  /** @param messages of the host */
  constructor(
    host: BatchHost,
    messages: EarlyBatches,
    { needsApproval = [], mayStart = () => true }: EagerStartsOptions = {},
  ) {
    this.#host = host;
    this.#messages = messages;
    this.#needsApproval = new Set(needsApproval);
    this.#mayStart = mayStart;
  }

  /**
   * Asks a model, and starts calls of its answer while it writes. Outside of a graph
   * nothing is started: nobody knows who will run the calls.
   *
   * @param ask sends the request with these options
   */
  async listen<Answer>(
    options: RequestOptions,
    ask: (options: RequestOptions) => Promise<Answer>,
  ): Promise<Answer> {
    const config: RequestOptions = {
      ...(getConfig() as RequestOptions | undefined),
      ...options,
    };
    this.#messages.heard();
    const run = runOf(config);
    const isOff = run === undefined || !this.#hasTools();
    if (isOff || !this.#mayStart(config)) return ask(options);
    const { callbacks } = config;
    const task = taskIdOf(config);
    const asker = askerOf(config);
    this.#messages.asksAgain(run, asker);
    const before = this.#discarded.get(run)?.get(task) ?? [];
    const message = new EagerMessage({
      host: this.#host,
      config,
      heard: handlersOf(callbacks),
      mayStart: (name) =>
        !this.#needsApproval.has(name) && !this.#unfit.has(name),
      onUnfit: (name) => this.#unfit.add(name),
      discarded: before,
    });
    const seals = new CallSeals(message);
    const handler = new WritingHandler(seals);
    try {
      const answer = await ask({
        ...options,
        callbacks: withHandler(callbacks, handler),
      });
      this.#discarded.get(run)?.delete(task);
      if (this.#isToCome(answer, message, seals.hasHeard)) {
        this.#messages.add(run, asker, answer.id, message);
      }
      return answer;
    } catch (error) {
      const tasks = this.#discarded.get(run) ?? new Map();
      this.#discarded.set(run, tasks);
      tasks.set(task, message.close("the model failed"));
      throw error;
    }
  }

  /**
   * Whether calls of the message will come. If not, all is over.
   *
   * @param isStreamed the model was heard writing calls
   */
  #isToCome<Answer>(
    answer: Answer,
    message: EagerMessage,
    isStreamed: boolean,
  ): answer is Answer & { readonly id: string } {
    message.complete();
    const { id, tool_calls: calls } = (answer ?? {}) as {
      readonly id?: unknown;
      readonly tool_calls?: readonly unknown[];
    };
    const hasCalls = Array.isArray(calls) && calls.length > 0;
    if (hasCalls && !isStreamed) {
      this.#host.warnings.warn(
        "eager model",
        "`eager` is on, and the model didn't stream its calls, so none of them starts early. Give it a model that streams.",
      );
    }
    const isToCome = typeof id === "string" && hasCalls && message.isOfUse;
    if (!isToCome) message.close("its message has no calls");
    return isToCome;
  }

  /** Whether calls of some tool may start early. Says once that it is not so. */
  #hasTools(): boolean {
    const { policies, tools, warnings } = this.#host;
    const known = tools().map(({ name }) => policies.of(name));
    const hasSome = known.some(({ startsEarly }) => startsEarly);
    if (!hasSome) {
      const isOptedOut = known.some(
        ({ readOnly, isGiven }) => readOnly && isGiven,
      );
      warnings.warn(
        "eager policies",
        isOptedOut
          ? "`eager` is on, and each policy with `readOnly: true` says `eager: false`, so no call starts early. Leave out one of the two, or the option."
          : "`eager` is on, and no policy of a tool says `readOnly: true`, so no call starts early: `eager: true` in a policy isn't enough. Say `readOnly: true` of the tools that change nothing.",
      );
    }
    return hasSome;
  }
}

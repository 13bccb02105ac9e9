import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import type { BatchHost } from "./batch-host.js";
import { BatchRun } from "./batch-run.js";
import { DropWarning } from "./drop-warning.js";
import { withOwnResume } from "./own-resume.js";
import type { Batch } from "./read-batch.js";
import type { Answer } from "./run-tool.js";
import { type Arrival, Siblings, type SiblingsOptions } from "./siblings.js";

/**
 * Where the calls of one message meet that come one by one.
 *
 * LangGraph makes one abort signal for each step of each run of each graph and
 * hands it to all tasks of that step. So what hangs on the signal is of this
 * step, and is gone with it, however it ends.
 */
export class SiblingRegistry {
  readonly #host: BatchHost;
  readonly #drops = new DropWarning();
  readonly #steps = new WeakMap<AbortSignal, Map<string, Siblings>>();

  constructor(host: BatchHost) {
    this.#host = host;
  }

  /**
   * The answer to a call, run when it is its turn among its siblings. One that
   * comes again, or is none of `batch`, is run by itself.
   *
   * @throws what the call has to throw; ConfigurationError
   */
  answer(
    { toolCall, run }: Arrival,
    batch: Batch | undefined,
    config: LangGraphRunnableConfig,
    areTasks: boolean,
  ): Promise<Answer> {
    const arrival = {
      toolCall,
      run: areTasks ? withOwnResume(config, run) : run,
    };
    const { signal, configurable } = config;
    const isTask = configurable?.["__pregel_task_id"] !== undefined;
    if (batch === undefined || signal === undefined || !isTask) {
      return this.#runAlone(arrival, batch, config);
    }
    const siblings = this.#meet({
      batch,
      config,
      host: this.#host,
      areTasks,
      drops: this.#drops,
    });
    return (
      siblings.answer(arrival) ??
      this.#runAlone(
        arrival,
        { ...batch, answered: siblings.answered() },
        config,
      )
    );
  }

  #meet(options: SiblingsOptions): Siblings {
    const { batch, config, areTasks } = options;
    const signal = config.signal as AbortSignal;
    let step = this.#steps.get(signal);
    if (step === undefined) {
      step = new Map();
      this.#steps.set(signal, step);
    }
    const key = JSON.stringify([
      areTasks || config.configurable?.["__pregel_task_id"],
      batch.message.map(({ id, name }) => [id, name]),
    ]);
    let siblings = step.get(key);
    if (siblings === undefined) {
      siblings = new Siblings(options);
      step.set(key, siblings);
    }
    return siblings;
  }

  async #runAlone(
    { toolCall, run }: Arrival,
    batch: Batch | undefined,
    config: LangGraphRunnableConfig,
  ): Promise<Answer> {
    const message = batch?.message ?? [toolCall];
    const index = message.findIndex(({ id }) => id === toolCall.id);
    const alone = new BatchRun({
      batch: {
        toolCalls: [toolCall],
        indexes: [Math.max(0, index)],
        message,
        answered: batch?.answered ?? new Map(),
        state: batch?.state,
        isArray: false,
      },
      config,
      host: this.#host,
      areTasks: true,
      execute: (_, call) => run(call),
    });
    try {
      const [outcome] = await alone.outcomes();
      return alone.answerTo(0, outcome!);
    } finally {
      alone.close();
    }
  }
}

import { isDeepStrictEqual } from "node:util";
import type { CallbackManagerForToolRun } from "@langchain/core/callbacks/manager";
import type { ToolCall } from "@langchain/core/messages/tool";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { copyPlainData } from "../batch/copy-plain-data.js";
import type { EarlyCall } from "../batch/early-batches.js";
import { withStandIn } from "../batch/run-tool.js";
import { withRealTimes } from "../langgraph/real-times.js";
import type { DiscardedRun, EarlyStart } from "../report/early-start.js";
import { oneAttempt } from "../schedule/one-attempt.js";
import { Schedule } from "../schedule/schedule.js";
import type { BoundCall } from "../schedule/scheduled-call.js";
import { surroundingsOf } from "../scope/batch-scope.js";
import { insideCall } from "../scope/call-scope.js";
import { EarlyRun, type EarlyRunOptions } from "./early-run.js";
import { isPlainTool, type PlainTool, withCode } from "./plain-tools.js";

/** What LangChain gives to the own code of a tool. */
type CodeInput = [
  input: unknown,
  manager: CallbackManagerForToolRun | undefined,
  config: LangGraphRunnableConfig | undefined,
];

/** A tool as whoever runs it sees it. */
interface Invocable {
  invoke(input: unknown, config?: LangGraphRunnableConfig): Promise<unknown>;
}

/**
 * A call that has started early, and the call of the message, which may take what came
 * of it.
 *
 * The call of the message runs as ever, through all that wraps calls, with the same tool
 * but for its own code: in place of that it waits for the early run. That one has the
 * call's slots and has paid its rates, so the call of the message takes none. What has
 * to run for real after all takes them then.
 */
export class EagerCall implements EarlyCall {
  readonly index: number;
  readonly #options: EarlyRunOptions;
  readonly #run: EarlyRun;
  #bound: BoundCall | undefined;
  /** A copy: a tool may change its arguments. */
  #given: unknown;
  /** The call of the message has come, has run once, and has taken the result. */
  #isClaimed = false;
  #hasRun = false;
  #isTaken = false;
  #standsIn = false;

  constructor(index: number, options: EarlyRunOptions) {
    this.index = index;
    this.#options = options;
    this.#run = new EarlyRun(options);
  }

  get start(): EarlyStart {
    return this.#run.start!;
  }

  get answered(): EarlyRun["answered"] {
    return this.#run.answered;
  }

  /** The run, if it has begun and nobody has a result of it. */
  get discarded(): DiscardedRun | undefined {
    const { start, endedAt, why, isUsable } = this.#run;
    // One that was taken while it ran may still need what only its task has.
    if (start === undefined || (this.#isTaken && isUsable)) return undefined;
    const { call, host } = this.#options;
    return {
      index: this.index,
      name: call.name,
      startedAt: start.startedAt,
      endedAt: endedAt ?? host.clock.now(),
      why,
    };
  }

  /** See {@link EarlyRun.begin}. */
  begin(bound: BoundCall, resolved: ToolCall, after: number | undefined): void {
    this.#bound = bound;
    this.#given = copyPlainData(resolved.args);
    this.#run.begin(bound, resolved, after);
  }

  /** @param why is told in the report, if the run has begun */
  discard(why: string): void {
    if (!this.#isTaken) this.#run.discard(why);
  }

  /** It doesn't start any more, if it has not yet. */
  discardUnlessBegun(): void {
    if (!this.#run.isUsable) this.discard("a call before it failed");
  }

  /**
   * The call has come. Whether it takes the early run: else that one is discarded.
   *
   * @param call as it came, before its references are resolved
   */
  claim({ id, name, args }: ToolCall): boolean {
    if (this.#isClaimed) return false;
    this.#isClaimed = true;
    const { call } = this.#options;
    const isSame =
      call.id === id &&
      call.name === name &&
      isDeepStrictEqual(copyPlainData(call.args), copyPlainData(args));
    if (!isSame) this.discard("its call came in another form");
    else if (!this.#run.isUsable) this.discard("its call came before it began");
    else this.#run.stopTimeout();
    return isSame && this.#run.isUsable;
  }

  async run<Value>(attempt: () => Promise<Value>): Promise<Value> {
    if (this.#hasRun) return attempt();
    this.#hasRun = true;
    try {
      return await withStandIn((tool) => this.#standIn(tool), attempt);
    } finally {
      this.discard("its call was answered in another way");
    }
  }

  /** The same tool, which takes the result of the early run, if that is of use. */
  #standIn<Tool extends object>(tool: Tool): Tool {
    // What runs inside of the tool asks here, too.
    if (this.#standsIn) return tool;
    this.#standsIn = true;
    const { invoke } = tool as Partial<Invocable>;
    if (typeof invoke !== "function") return tool;
    const real = tool as Tool & Invocable;
    return Object.create(tool, {
      invoke: {
        value: (input: unknown, config: LangGraphRunnableConfig = {}) =>
          isPlainTool(tool) && this.#mayTake(tool, input)
            ? this.#invoke(tool, input, config)
            : this.#admit(() => real.invoke(input, config)),
      },
    }) as Tool;
  }

  /** Whether this is the call that has started early, with the same arguments. */
  #mayTake(tool: PlainTool, input: unknown): boolean {
    if (this.#isTaken) return false;
    const { call } = this.#options;
    const { id, args } = (input ?? {}) as Partial<ToolCall>;
    this.#isTaken =
      this.#run.isUsable &&
      tool === this.#options.tool &&
      id === call.id &&
      isDeepStrictEqual(copyPlainData(args), this.#given);
    return this.#isTaken;
  }

  #invoke(
    tool: PlainTool,
    input: unknown,
    config: LangGraphRunnableConfig,
  ): Promise<unknown> {
    const { clock } = this.#options.host;
    const dateOf = (at: number) => clock.date() - (clock.now() - at);
    const endedAt = () => {
      const { endedAt: at } = this.#run;
      return at === undefined ? undefined : dateOf(at);
    };
    const code = (...args: unknown[]) => this.#take(tool, args as CodeInput);
    return withCode(tool, code).invoke(
      input,
      withRealTimes(config, dateOf(this.start.startedAt), endedAt),
    );
  }

  /** What the tool's own code gave in the early run. */
  async #take(tool: PlainTool, args: CodeInput): Promise<unknown> {
    const [, manager, config] = args;
    this.#run.handTo(manager, config?.writer, config?.signal);
    const result = await this.#run.result;
    if (result === "useless")
      return this.#admit(async () => tool._call(...args));
    if ("error" in result) throw result.error;
    return result.value;
  }

  /** Runs what was not run early when the call's limits have room. */
  async #admit<Value>(run: () => Promise<Value>): Promise<Value> {
    const { host, rules } = this.#options;
    const { limits, cost } = this.#bound!;
    const [outcome] = await new Schedule<Value>({
      calls: [{ limits, cost, dependsOn: [] }],
      executor: oneAttempt((running) => running.run(run)),
      clock: host.clock,
      maxPauseMs: host.retries.maxPauseMs,
      surroundings: surroundingsOf(insideCall(), rules, host.clock),
    }).run();
    if (outcome?.status === "ok") return outcome.value as Value;
    throw outcome?.error;
  }
}

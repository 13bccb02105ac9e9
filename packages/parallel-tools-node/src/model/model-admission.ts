import type { BatchHost } from "../batch/batch-host.js";
import { CallAttempts } from "../batch/call-attempts.js";
import { askingOnce, isAskingOnce } from "../langgraph/model-retries.js";
import type { CallLimits } from "../limits/limit-book.js";
import type { ResolvedPolicy } from "../policy/tool-policy.js";
import type { Executor } from "../schedule/executor.js";
import type { RunAgain, RunOutcome } from "../schedule/outcome.js";
import { Schedule } from "../schedule/schedule.js";
import { surroundingsOf } from "../scope/batch-scope.js";
import { insideCall, type InsideRules } from "../scope/call-scope.js";
import { Handover } from "./handover.js";
import type { ModelRequest } from "./model-request.js";

/** What holds for a request that is inside of no call. */
const OUTERMOST: InsideRules = {
  depth: 1,
  maxDepth: Number.POSITIVE_INFINITY,
  cap: undefined,
  locks: undefined,
};

/**
 * Admits requests to a model like calls of a tool: each is a batch of one call, inside
 * of the call inside which its agent runs. A request that the server refuses is asked
 * again, unless something of the answer has been handed out.
 */
export class ModelAdmission {
  readonly #host: BatchHost;
  readonly #policy: ResolvedPolicy;

  constructor(host: BatchHost, policy: ResolvedPolicy) {
    this.#host = host;
    this.#policy = policy;
  }

  /**
   * @param ask sends the request
   * @param hasBegun whether something of the answer has been handed out
   * @throws what `ask` throws, the reason of the abort, or PolicyFunctionError
   */
  async run<Value>(
    request: ModelRequest,
    signal: AbortSignal | undefined,
    ask: () => Promise<Value>,
    hasBegun: () => boolean = () => false,
  ): Promise<Value> {
    // A model that asks through another limited one is limited once.
    if (isAskingOnce()) return ask();
    const { clock, limits, retries } = this.#host;
    const bound = limits.ofResources.of("model", this.#policy, request);
    const inside = insideCall();
    const [outcome] = await new Schedule<Value>({
      calls: [{ limits: bound.limits, cost: bound.cost, dependsOn: [] }],
      executor: this.#executor(bound, () => askingOnce(ask), hasBegun),
      clock,
      signal,
      maxPauseMs: retries.maxPauseMs,
      surroundings: surroundingsOf(inside, inside?.rules ?? OUTERMOST, clock),
    }).run();
    if (outcome?.status === "ok") return outcome.value as Value;
    if (outcome?.status === "aborted") signal?.throwIfAborted();
    throw outcome?.error;
  }

  /** The same for an answer that comes in pieces. */
  async *stream<Chunk>(
    request: ModelRequest,
    signal: AbortSignal | undefined,
    ask: () => AsyncIterable<Chunk>,
  ): AsyncGenerator<Chunk> {
    const handover = new Handover<Chunk>();
    const isOver = this.run(
      request,
      signal,
      () => handover.give(ask()),
      () => handover.hasBegun,
    );
    isOver.then(handover.end, handover.fail);
    try {
      yield* handover.take();
    } finally {
      handover.close();
      await isOver.catch(() => {}); // Its error has been thrown above.
    }
  }

  #executor<Value>(
    { gates, circuits }: CallLimits,
    ask: () => Promise<Value>,
    hasBegun: () => boolean,
  ): Executor<Value> {
    const attempts = new CallAttempts({
      retries: this.#host.retries,
      size: 1,
      callAt: () => ({
        name: "model",
        policy: this.#policy,
        gates,
        comesFromInside: () => false,
      }),
      circuitsOf: () => circuits,
    });
    const failed = (error: unknown): RunOutcome<Value> => ({
      status: "error",
      error,
    });
    return {
      // Async, so that what throws at once rejects.
      async execute(_, running) {
        attempts.started(0);
        return running.run(ask);
      },
      judgeValue(_, value) {
        attempts.ended(0, "works");
        return { status: "ok", value };
      },
      judgeError(_, error): RunOutcome<Value> | RunAgain {
        const verdict = attempts.failed(0, { error, wasThrown: true });
        return verdict.status === "again" && !hasBegun()
          ? verdict
          : failed(error);
      },
      judgeUnstarted: (_, error) => failed(error),
      // A request has no time limit of ours, no batch around it and no twin.
      judgeTimeout: () => ({ status: "aborted" }),
      judgeCutOff: () => ({ status: "aborted" }),
      share: () => undefined,
      onBatchTimeout() {},
    };
  }
}

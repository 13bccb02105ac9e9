import type { UsageMetadata } from "@langchain/core/messages";
import type { BatchHost } from "../batch/batch-host.js";
import { BatchWatch, joinObservers } from "../batch/batch-watch.js";
import { CallAttempts } from "../batch/call-attempts.js";
import { warnOfFunction } from "../errors/policy-function-error.js";
import { askingOnce, isAskingOnce } from "../langgraph/model-retries.js";
import type { CallLimits } from "../limits/limit-book.js";
import { boundFor } from "./bind-request.js";
import type { ResolvedPolicy } from "../policy/tool-policy.js";
import type { CallPlace } from "../schedule/call-place.js";
import type { Executor } from "../schedule/executor.js";
import type { RunAgain, RunOutcome } from "../schedule/outcome.js";
import { oneAttempt } from "../schedule/one-attempt.js";
import { Schedule } from "../schedule/schedule.js";
import type { RunningCall } from "../schedule/surroundings.js";
import { surroundingsOf } from "../scope/batch-scope.js";
import { insideCall, type InsideRules } from "../scope/call-scope.js";
import { AnswerReader, type ReadUsage } from "./answer-reader.js";
import { Corrector } from "./corrector.js";
import { Handover } from "./handover.js";
import { mayPass } from "./may-pass.js";
import type { ModelPolicy } from "./model-limits.js";
import type { ModelRequest } from "./model-request.js";
import { UnreadStream } from "./unread-stream.js";

/** What holds for a request that is inside of no call. */
const OUTERMOST: InsideRules = {
  depth: 1,
  maxDepth: Number.POSITIVE_INFINITY,
  cap: undefined,
  locks: undefined,
};

/** A request, and how it is sent. */
interface AskedModel<Value> {
  readonly request: ModelRequest;
  readonly signal: AbortSignal | undefined;
  readonly ask: (running: RunningCall) => Promise<Value>;
  readonly answer: AnswerReader;
  /** Whether something of the answer has been handed out. */
  readonly hasBegun?: () => boolean;
}

/**
 * Admits requests to a model like calls of a tool: each is a batch of one call, inside
 * of the call inside which its agent runs. A request that the server refuses is asked
 * again, unless something of the answer has been handed out.
 */
export class ModelAdmission {
  readonly #host: BatchHost;
  readonly #policy: ResolvedPolicy;
  readonly #readUsage: ReadUsage | undefined;

  constructor(host: BatchHost, { policy, readUsage }: ModelPolicy) {
    this.#host = host;
    this.#policy = policy;
    this.#readUsage = readUsage;
  }

  /**
   * The answer to a request that comes all at once.
   *
   * @param ask sends the request
   * @throws what `ask` throws, the reason of the abort, or PolicyFunctionError
   */
  async run<Value>(
    request: ModelRequest,
    signal: AbortSignal | undefined,
    ask: () => Promise<Value>,
  ): Promise<Value> {
    // A model that asks through another limited one is limited once.
    if (isAskingOnce()) return ask();
    const answer = new AnswerReader();
    const send = async () => {
      const value = await ask();
      answer.addResult(value);
      return value;
    };
    return this.#admit({ request, signal, ask: send, answer });
  }

  async #admit<Value>(asked: AskedModel<Value>): Promise<Value> {
    const { request, signal, ask } = asked;
    const { clock, limits, retries } = this.#host;
    const bound = boundFor(limits.ofResources, this.#policy, request);
    const inside = insideCall();
    const rules = inside?.rules ?? OUTERMOST;
    const watch = this.#watch(request, inside?.place);
    const send = (running: RunningCall) => askingOnce(() => ask(running));
    const start = watch
      ? (running: RunningCall) => watch.start(0, () => send(running))
      : send;
    const corrector = new Corrector(bound, clock);
    const [outcome] = await new Schedule<Value>({
      calls: [{ limits: bound.limits, cost: bound.cost, dependsOn: [] }],
      executor: this.#executor(bound, start, asked, corrector),
      observer: joinObservers(watch?.observer, corrector),
      clock,
      signal,
      maxPauseMs: retries.maxPauseMs,
      surroundings: surroundingsOf(inside, rules, clock, watch),
    }).run();
    watch?.end();
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
    if (isAskingOnce()) {
      yield* ask();
      return;
    }
    const handover = new Handover<Chunk>();
    const answer = new AnswerReader();
    const isOver = this.#admit({
      request,
      signal,
      ask: (running) => {
        const unread = new UnreadStream(running, this.#host.clock, signal);
        return handover.give(answered(ask(), answer), unread);
      },
      answer,
      hasBegun: () => handover.hasBegun,
    });
    isOver.then(handover.end, handover.fail);
    try {
      yield* handover.take();
    } finally {
      handover.close();
      await isOver.catch(() => {}); // Its error has been thrown above.
    }
  }

  /** `undefined`: nobody wants to know of the request. */
  #watch(
    { model = "model" }: ModelRequest,
    inside: CallPlace | undefined,
  ): BatchWatch | undefined {
    const host = this.#host;
    if (host.onReport === undefined && host.tracer === undefined) {
      return undefined;
    }
    const call = { index: 0, ordinal: 1, id: undefined, dependsOn: [] };
    return new BatchWatch({
      plan: { shape: "single", depth: 1, calls: [{ ...call, name: model }] },
      host,
      kind: "model",
      inside,
      endOf: (outcome) => ("error" in outcome ? { error: outcome.error } : {}),
    });
  }

  /** The answer is there: what goes wrong here must not cost it. */
  #usedOf(usage: UsageMetadata | undefined): number | undefined {
    if (usage === undefined || this.#readUsage === undefined) return undefined;
    try {
      return this.#readUsage(usage);
    } catch (fault) {
      const { warnings } = this.#host;
      warnOfFunction(warnings, fault, "what the request took stays taken");
      return undefined;
    }
  }

  #executor<Value>(
    { gates, circuits }: CallLimits,
    ask: AskedModel<Value>["ask"],
    { hasBegun, answer }: AskedModel<Value>,
    corrector: Corrector,
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
    answer.onHeaders = (headers) => attempts.heed(0, { headers });
    const failed = (error: unknown): RunOutcome<Value> => ({
      status: "error",
      error,
    });
    const correct = () => {
      const used = this.#usedOf(answer.usage);
      if (used !== undefined) corrector.correct(used, answer.isComplete);
    };
    return {
      // Async, so that what throws at once rejects.
      ...oneAttempt(async (running) => {
        attempts.started(0);
        corrector.holder = running;
        return running.run(() => ask(running));
      }),
      judgeValue(_, value) {
        attempts.ended(0, "works");
        correct();
        return { status: "ok", value };
      },
      judgeError(_, error): RunOutcome<Value> | RunAgain {
        const verdict = attempts.failed(0, { error, wasThrown: true });
        if (verdict.status !== "again" || hasBegun?.()) return failed(error);
        // After a refusal the closed gate delays it, and nothing else.
        const isRefused = verdict.delayMs === 0;
        return isRefused || mayPass(error) ? verdict : failed(error);
      },
    };
  }
}

/** Counts what goes through. */
async function* answered<Piece>(
  pieces: AsyncIterable<Piece>,
  answer: AnswerReader,
): AsyncGenerator<Piece> {
  for await (const piece of pieces) {
    answer.addPiece(piece);
    yield piece;
  }
  answer.isComplete = true;
}

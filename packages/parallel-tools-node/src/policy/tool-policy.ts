import type { Access } from "./access.js";
import type { Caller } from "./callers.js";
import type { Guarded } from "./guard.js";
import type { LimitFunction } from "./limit-function.js";
import type { RateLimit, ResolvedRateLimit } from "./rate-limit.js";
import type { ResolvedRetryPolicy, RetryPolicy } from "./retry-policy.js";
import type { Sequential } from "./sequential.js";
import type { FeedbackReader } from "./server-feedback.js";

/**
 * What a tool allows. Every field may be left out; a tool without a policy
 * runs as it does on the stock node. Functions see a call's arguments before the
 * tool's schema has checked them: `access` as the model wrote them, `resources`
 * and `cost` with the values of references in them. They have to give their value
 * at once. If one throws, or returns a promise or another value that isn't valid,
 * its call isn't run, and your application is told by a {@link PolicyFunctionError}.
 *
 * @example
 * ```ts
 * import { write, type ToolPolicy } from "parallel-tools-node";
 *
 * const writeFile: ToolPolicy<{ path: string }> = {
 *   concurrency: 4,
 *   access: ({ path }) => [write(`file:${path}`)],
 * };
 * ```
 */
export interface ToolPolicy<Args = Record<string, unknown>> {
  /**
   * Calls of this tool that may run at once, over all batches of the node: an
   * integer of at least 1, or the application's own p-limit instance, whose
   * other jobs count too.
   *
   * @default no cap
   */
  concurrency?: number | LimitFunction;
  /**
   * How often calls of this tool may start, over all batches of the node. One or
   * several: then a call starts when all of them have room.
   *
   * @default no limit
   */
  rateLimit?: RateLimit | readonly RateLimit[];
  /**
   * Names of declared resources whose limits the tool's calls use up.
   *
   * @default none
   */
  resources?:
    | string
    | readonly string[]
    | ((args: Args) => string | readonly string[]);
  /**
   * The shared state that a call reads and writes. Of two calls that share a
   * key, one of them a write, the later waits for the earlier.
   *
   * @default none
   */
  access?: readonly Access[] | ((args: Args) => readonly Access[]);
  /**
   * Names of tools whose calls in the same batch must finish first, wherever
   * they stand in the message.
   *
   * @default none
   */
  after?: readonly string[];
  /**
   * `true`: all that stands before a call finishes, the call runs alone, then
   * all that stands after it starts. `"replan"`: as `true`, but the calls after
   * it are not run: the model sees the result first and asks again.
   *
   * @default false
   */
  sequential?: Sequential;
  /**
   * The tool changes nothing. So a call that failed, or that its server refused,
   * is run again without asking.
   *
   * @default the MCP annotation `readOnlyHint`, where the tool has a policy or there
   *   is a `defaultPolicy`; else false
   */
  readOnly?: boolean;
  /**
   * `false`: calls of the tool wait until the model's message is there, also where the
   * node or middleware has `eager`.
   *
   * @default true, where this policy or `defaultPolicy` says `readOnly: true`; else calls
   *   are never started early, and an MCP annotation isn't enough
   */
  eager?: boolean;
  /**
   * Who may call the tool: the model in its messages, or code that it wrote and that a
   * tool runs with `callableTools`. Calls of others are not run. A tool that
   * `needsApproval` names is never called from code, which can't wait for a human.
   *
   * @default both for a `readOnly` tool, and the model alone for all others
   */
  callers?: readonly Caller[];
  /**
   * Running a call twice does what running it once does. So one that failed, or
   * that its server refused, is run again without asking.
   *
   * @default the MCP annotation `idempotentHint`, where the tool has a policy or there
   *   is a `defaultPolicy`; else false
   */
  idempotent?: boolean;
  /**
   * Identical calls of one batch, with nothing between them that they depend
   * on, run once; each is answered under its own id. Identical: the same tool and
   * equal arguments. Nothing is between them if all that the later one has to wait
   * for is the earlier one, another that is the same as it, or something that the
   * earlier one waited for, too. So two writes of a key with a read of it between
   * them both run, and without it one does; of barriers in a row one runs. What
   * comes after them waits for the one that runs. If it returns a Command, all
   * run: it may change the state, and nobody can know if it should do so twice.
   *
   * @default `readOnly`. So an MCP annotation alone, without a policy for the tool and
   *   without a `defaultPolicy`, makes no calls run once
   */
  dedupe?: boolean;
  /**
   * Tokens that a call takes from every rate limit that holds for it, unless that
   * one counts calls. An
   * integer of at least 1, and no more than the limit can ever give at once.
   *
   * @default 1
   */
  cost?: number | ((args: Args) => number);
  /**
   * Whether the arguments may hold references to outputs of earlier calls,
   * where the node's `references` is on. `false` for tools in whose arguments a
   * `$1` means something else, or that must get nothing the model hasn't seen:
   * SQL, shell commands, payments.
   *
   * @default true
   */
  references?: boolean;
  /**
   * Runs calls that failed again, as LangGraph's own policy of that name does
   * with nodes. Never for an interrupt, an abort or arguments that the schema
   * refused. `false`: never.
   *
   * A tool that is neither `readOnly` nor `idempotent` is run again only where
   * there is such a policy, also after a refusal (429): that a request was
   * refused says nothing of what the tool did before it. The `retryPolicy` of a
   * graph's node, `toolRetryMiddleware` and, without `durable`, a resume after an
   * interrupt don't look at this: they repeat what a tool did.
   *
   * @default for a `readOnly` or `idempotent` tool LangGraph's defaults (three
   *   attempts), and up to ten attempts while its server refuses it; no other
   *   attempt for the rest
   */
  retry?: RetryPolicy | false;
  /**
   * How long one attempt of a call may take, in milliseconds from its start, not
   * from when it began to wait. Then its signal is aborted with a
   * {@link ToolTimeoutError}, it is answered at once, and `retry` may run it
   * again. A tool that ignores its signal runs on: until it ends its slots stay
   * taken, so that no cap is exceeded, and it is not run again. At least 1;
   * `Infinity`: no limit, whatever `defaultPolicy` says.
   *
   * @default no limit
   */
  timeoutMs?: number;
  /**
   * Reads what the server says about limits from an error of the tool: what the
   * tool threw, or the artifact of a ToolMessage with the status `"error"`. It has
   * to answer at once. If it throws, or returns a promise or something else than a
   * {@link ServerFeedback}, the server has said nothing, and there is a warning on
   * the console. Whether a call is run again
   * after a refusal is up to `readOnly`, `idempotent` and `retry`.
   *
   * @default HTTP: status 429, 503 and what means the same, also in the names,
   *   codes and bodies of SDKs and databases (docs/throttle-signals.md);
   *   `Retry-After` (RFC 9110), `RateLimit` (IETF draft), `X-RateLimit-*` and the
   *   forms of OpenAI and Anthropic. Not for an error that came out of a graph that
   *   the tool has run, or that LangChain has marked as a model's: that server is
   *   not the tool's own
   */
  feedback?: FeedbackReader;
}

/** A tool's policy, validated, its defaults filled in and its functions guarded. */
export interface ResolvedPolicy
  extends Required<
    Pick<
      ToolPolicy,
      "sequential" | "readOnly" | "idempotent" | "dedupe" | "references"
    >
  > {
  readonly concurrency: number | LimitFunction | undefined;
  readonly rateLimit:
    | ResolvedRateLimit
    | readonly ResolvedRateLimit[]
    | undefined;
  readonly after: readonly string[];
  readonly access: readonly Access[] | Guarded<readonly Access[]>;
  readonly resources: readonly string[] | Guarded<readonly string[]>;
  /** Tokens. */
  readonly cost: number | Guarded<number>;
  /** What calls have really used may be known when they have ended. */
  readonly costIsEstimate: boolean;
  /** Milliseconds. `undefined`: no limit. */
  readonly timeoutMs: number | undefined;
  /** `undefined`: nothing was said. */
  readonly retry: ResolvedRetryPolicy | false | undefined;
  readonly feedback: Guarded<unknown> | undefined;
  /** Who may call the tool. */
  readonly callers: readonly Caller[];
  /** The application has said that the tool changes nothing, and not `eager: false`. */
  readonly startsEarly: boolean;
  /** Something was said of the tool; else it runs as on the stock node. */
  readonly isGiven: boolean;
}

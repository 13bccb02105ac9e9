/**
 * The host's secret: a model's client runs each request in its `caller`, an
 * `AsyncCaller`, which asks again by itself: six times for a 429, with waits of its own,
 * and it changes the error. A model may have clients of its own inside, as ChatOpenAI has
 * `completions` and `responses`. Read in @langchain/core 1.4.0 (`utils/async_caller`)
 * and @langchain/openai 1.5.8 (`chat_models`).
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { AsyncCaller } from "@langchain/core/utils/async_caller";

/** What runs here asks once. */
const askOnce = new AsyncLocalStorage<true>();
/** Callers that have been watched, and those that watch. */
const watched = new WeakSet<object>();

interface CallerParts {
  readonly maxConcurrency: number;
  queue: unknown;
}

/** Runs `ask`, in which no watched model asks its server again by itself. */
export function askingOnce<Result>(ask: () => Result): Result {
  return askOnce.run(true, ask);
}

/** Whether this code runs in a request that is limited already. */
export function isAskingOnce(): boolean {
  return askOnce.getStore() === true;
}

/**
 * From now on requests of this model that run in {@link askingOnce} are sent once.
 * All others are as they were.
 */
export function watchRetries(model: object): void {
  watchCaller(model);
  for (const part of Object.values(model)) {
    if (typeof part === "object" && part !== null) watchCaller(part as object);
  }
}

function watchCaller(owner: { caller?: unknown }): void {
  const { caller } = owner;
  if (!(caller instanceof AsyncCaller) || watched.has(caller)) return;
  const once = callerThatAsksOnce(caller);
  const watching = new Proxy(caller, {
    get(target, key) {
      const chosen = askOnce.getStore() === true ? once : target;
      const value: unknown = Reflect.get(chosen, key, chosen);
      return typeof value === "function" ? value.bind(chosen) : value;
    },
  });
  watched.add(watching);
  owner.caller = watching;
}

/**
 * With the same queue, so that the model's own `maxConcurrency` holds for both. What a
 * client asks for a request of its own, such as `maxRetries`, doesn't hold.
 */
function callerThatAsksOnce(caller: AsyncCaller): AsyncCaller {
  const { maxConcurrency, queue } = caller as unknown as CallerParts;
  const once = new AsyncCaller({
    maxConcurrency,
    maxRetries: 0,
    onFailedAttempt: () => {},
  });
  (once as unknown as CallerParts).queue = queue;
  const callWithOptions = once.callWithOptions.bind(once);
  once.callWithOptions = (options, ...call) =>
    callWithOptions({ ...options, maxRetries: 0 }, ...call);
  return once;
}

import type { CallbackManager } from "@langchain/core/callbacks/manager";
import { type TracedRun, tracerWithTimes } from "./tracer-times.js";

interface Config {
  readonly callbacks?: unknown;
}

/**
 * The config of a tool, whose tracers date the tool's own run by when it really ran. All
 * that runs inside of it is dated as ever.
 *
 * @param startedAt milliseconds since 1970
 * @param endedAt gives the same; `undefined`: it ends now
 */
export function withRealTimes<Given extends Config>(
  config: Given,
  startedAt: number,
  endedAt: () => number | undefined,
): Given {
  if (!isManager(config.callbacks)) return config;
  const manager = config.callbacks.copy();
  let own: string | undefined;
  const times = {
    startOf({ id, run_type: type }: TracedRun) {
      if (type !== "tool" || (own ?? id) !== id) return undefined;
      own = id;
      return startedAt;
    },
    endOf: ({ id }: TracedRun) => (id === own ? endedAt() : undefined),
  };
  const timed = new Map<object, object>();
  const withTimes = <Handler extends object>(handler: Handler): Handler => {
    const known = timed.get(handler) ?? tracerWithTimes(handler, times);
    timed.set(handler, known);
    return known as Handler;
  };
  manager.handlers = manager.handlers.map(withTimes);
  manager.inheritableHandlers = manager.inheritableHandlers.map(withTimes);
  return { ...config, callbacks: manager };
}

function isManager(callbacks: unknown): callbacks is CallbackManager {
  const { handlers, copy } = (callbacks ?? {}) as Partial<CallbackManager>;
  return Array.isArray(handlers) && typeof copy === "function";
}

import { AsyncLocalStorage } from "node:async_hooks";
import type { CallScope } from "./call-scope.js";

/** The async context of each running call. */
const storage = new AsyncLocalStorage<CallScope>();

/** The running call inside which this code runs. */
export function insideCall(): CallScope | undefined {
  return storage.getStore();
}

/** Runs a function, and what it starts, inside of a call. */
export function runInside<Result>(scope: CallScope, run: () => Result): Result {
  return storage.run(scope, run);
}

import { AsyncResource } from "node:async_hooks";
import { codeEnded } from "../answers/from-code.js";
import type { BatchHost } from "../batch/batch-host.js";
import { type CallScope, insideCall } from "../scope/call-scope.js";
import type { CalledTool } from "./called-tool.js";
import { CodeBatch } from "./code-batch.js";

/** Calls that are made after the end are refused so often, and then get no answer. */
const MOST_LATE_CALLS = 1_000;

const running = new WeakMap<CallScope, Map<BatchHost, RunningCode>>();

/** The code that runs here. `undefined`: it runs inside of no call that we know. */
export function runningCode(host: BatchHost): RunningCode | undefined {
  const scope = insideCall();
  if (scope === undefined) return undefined;
  const codes = running.get(scope) ?? new Map<BatchHost, RunningCode>();
  running.set(scope, codes);
  const code = codes.get(host) ?? new RunningCode(host, scope);
  codes.set(host, code);
  return code;
}

/**
 * One piece of code that runs inside of an attempt of a call, and what it waits for.
 *
 *     runs -- the attempt has settled --> ends: its calls are aborted, and each promise
 *             that it still has is rejected
 *     ends -- for a turn it has made no further call --> ended
 *
 * The rejections free what a sandbox keeps for a promise: one that is closed with some of
 * it left can't be used again. No result of a call reaches the code after its end.
 */
export class RunningCode {
  readonly #host: BatchHost;
  readonly #batch: CodeBatch;
  /** Rejects what the code waits for. */
  readonly #waiting = new Set<() => void>();
  #isOver = false;
  #lateCalls = 0;

  constructor(host: BatchHost, scope: CallScope) {
    this.#host = host;
    this.#batch = new CodeBatch(host, scope);
    scope.onEnding(() => this.#end());
  }

  /** Makes a call. Settles as the tool does, or when the code has ended. */
  call(called: CalledTool): Promise<unknown> {
    const { name } = called.tool;
    if (this.#isOver) return this.#callLate(name);
    const context = new AsyncResource("parallel-tools-node");
    return new Promise((resolve, reject) => {
      const stop = () => reject(new Error(codeEnded(name)));
      this.#waiting.add(stop);
      void this.#batch.run(called).then((result) => {
        // Each in a turn of its own: when a promise settles, a sandbox runs all that
        // waits for any, and so would take the calls of others for calls of this one.
        this.#host.clock.afterTurn(() => {
          if (!this.#waiting.delete(stop)) return;
          context.runInAsyncScope(() => {
            if ("error" in result) reject(result.error);
            else resolve(result.value);
          });
        });
      });
    });
  }

  async #end(): Promise<void> {
    this.#isOver = true;
    for (const stop of this.#waiting) stop();
    this.#waiting.clear();
    const ended = this.#batch.end();
    // One that is refused in this turn may make the code call again in the next.
    let known = -1;
    while (this.#lateCalls > known && known <= MOST_LATE_CALLS) {
      known = this.#lateCalls;
      await this.#turn();
      await this.#turn();
    }
    await ended;
  }

  async #callLate(name: string): Promise<never> {
    this.#lateCalls += 1;
    if (this.#lateCalls > MOST_LATE_CALLS) return new Promise(() => {});
    await this.#turn();
    throw new Error(codeEnded(name));
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => this.#host.clock.afterTurn(resolve));
  }
}

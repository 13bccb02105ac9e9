import { StructuredTool } from "@langchain/core/tools";
import { z } from "zod";
import { settle } from "./fake-clock.js";

interface Gate {
  readonly promise: Promise<unknown>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** What a call's own run sees, as far as tests look at it. */
interface Runtime {
  readonly toolCallId?: string;
  readonly signal?: AbortSignal;
}

/** Calls that start, wait for the test and end, and a log of all of it. */
export class Stage {
  /** `"a start"`, `"a end"`, `"a fail"`, `"a signal"`, by the call's id. */
  readonly log: string[] = [];
  readonly signals = new Map<string, AbortSignal | undefined>();
  readonly #gates = new Map<string, Gate>();
  readonly #onStart: ((id: string) => void) | undefined;

  /** @param onStart is called where a tool's own code would begin */
  constructor(onStart?: (id: string) => void) {
    this.#onStart = onStart;
  }

  /** A tool whose calls end when `finish` or `fail` says so. */
  tool(name: string, metadata?: Record<string, unknown>): StructuredTool {
    const perform = (id: string, runtime: Runtime) =>
      this.#perform(id, runtime);
    return new GatedTool(name, metadata, perform);
  }

  /** Tools of several names. */
  tools(...names: string[]): StructuredTool[] {
    return names.map((name) => this.tool(name));
  }

  /** Ends a call, at once if it runs, else as soon as it starts. */
  async finish(id: string, output: unknown = `${id} result`): Promise<void> {
    this.#gateOf(id).resolve(output);
    await settle();
  }

  async fail(id: string, error: unknown = new Error(`${id} broke`)) {
    this.#gateOf(id).reject(error);
    await settle();
  }

  async #perform(id: string, { signal }: Runtime): Promise<unknown> {
    this.log.push(`${id} start`);
    this.#onStart?.(id);
    this.signals.set(id, signal);
    const onAbort = () => this.log.push(`${id} signal`);
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      const output = await this.#gateOf(id).promise;
      this.log.push(`${id} end`);
      return output;
    } catch (error) {
      this.log.push(`${id} fail`);
      throw error;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  #gateOf(id: string): Gate {
    let gate = this.#gates.get(id);
    if (gate === undefined) {
      gate = newGate();
      this.#gates.set(id, gate);
    }
    return gate;
  }
}

function newGate(): Gate {
  let resolve!: (value: unknown) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<unknown>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  // A test may fail a call that never starts.
  promise.catch(() => {});
  return { promise, resolve, reject };
}

/**
 * A class of its own, since `tool()` races its function with the signal: such
 * a call would end on abort, whatever its function does.
 */
class GatedTool extends StructuredTool {
  readonly name: string;
  readonly description = "Waits for the test.";
  readonly schema = z.looseObject({});
  readonly #perform: (id: string, runtime: Runtime) => Promise<unknown>;

  constructor(
    name: string,
    metadata: Record<string, unknown> | undefined,
    perform: (id: string, runtime: Runtime) => Promise<unknown>,
  ) {
    super(metadata && { metadata });
    this.name = name;
    this.#perform = perform;
  }

  protected override _call(
    _args: unknown,
    _manager: unknown,
    config: unknown,
  ): Promise<never> {
    const runtime = config as Runtime;
    return this.#perform(runtime.toolCallId ?? "", runtime) as Promise<never>;
  }
}

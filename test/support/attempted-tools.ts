import { StructuredTool } from "@langchain/core/tools";
import { z } from "zod";

/** What one attempt of a call does. */
export interface Attempt {
  /** Milliseconds that it takes. @default 0 */
  readonly afterMs?: number;
  /** What it throws, if the key is there. */
  readonly throws?: unknown;
  /** What it returns else. @default `"<id> result"` */
  readonly returns?: unknown;
}

/** What the attempts of each call do, by its id; the last is repeated. */
export type Script = Readonly<Record<string, readonly Attempt[]>>;

/**
 * Tools whose calls do another thing at each attempt, and a log of it with
 * milliseconds since it was made: `["a start 0", "a fail 5", "a start 500"]`.
 */
export class AttemptedTools {
  readonly log: string[] = [];
  readonly #script: Script;
  readonly #attempts = new Map<string, number>();
  readonly #beganAt = performance.now();

  constructor(script: Script) {
    this.#script = script;
  }

  tool(name: string, metadata?: Record<string, unknown>): StructuredTool {
    return new AttemptedTool(name, metadata, (id) => this.#perform(id));
  }

  tools(...names: string[]): StructuredTool[] {
    return names.map((name) => this.tool(name));
  }

  /** `["a 0", "a 500"]`: who was started when. */
  get starts(): string[] {
    return this.log
      .filter((line) => line.includes(" start "))
      .map((line) => line.replace(" start", ""));
  }

  async #perform(id: string): Promise<unknown> {
    const number = this.#attempts.get(id) ?? 0;
    this.#attempts.set(id, number + 1);
    const attempts = this.#script[id] ?? [];
    const attempt = attempts[number] ?? attempts.at(-1) ?? {};
    this.#note(id, "start");
    const { afterMs = 0, returns = `${id} result` } = attempt;
    if (afterMs > 0) {
      await new Promise((resolve) => {
        setTimeout(resolve, afterMs);
      });
    }
    if ("throws" in attempt) {
      this.#note(id, "fail");
      throw attempt.throws;
    }
    this.#note(id, "end");
    return returns;
  }

  #note(id: string, what: string): void {
    const ms = Math.round(performance.now() - this.#beganAt);
    this.log.push(`${id} ${what} ${ms}`);
  }
}

/** Ends when its script says, whatever its signal says. */
class AttemptedTool extends StructuredTool {
  readonly name: string;
  readonly description = "Follows a script.";
  readonly schema = z.looseObject({});
  readonly #perform: (id: string) => Promise<unknown>;

  constructor(
    name: string,
    metadata: Record<string, unknown> | undefined,
    perform: (id: string) => Promise<unknown>,
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
    const { toolCallId } = config as { toolCallId?: string };
    return this.#perform(toolCallId ?? "") as Promise<never>;
  }
}

/** An error as HTTP clients throw it. */
export function httpError(
  status: number,
  headers: Record<string, string> = {},
): Error {
  return Object.assign(new Error(`HTTP ${status}`), { status, headers });
}

/** An attempt that the server refuses, and says for how long. */
export function refusedFor(seconds: number) {
  return { throws: httpError(429, { "Retry-After": String(seconds) }) };
}

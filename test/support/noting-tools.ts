import { StructuredTool } from "@langchain/core/tools";
import { z } from "zod";

/** What calls give, by their ids; a function is called with the arguments. */
export type Outputs = Readonly<Record<string, unknown>>;

/** Tools that note the arguments that their code is given. */
export class NotingTools {
  /** `[id, arguments]`, in the order of starts. */
  readonly given: [string, unknown][] = [];
  readonly #outputs: Outputs;

  /** A call of which `outputs` says nothing gives `"<id> result"`. */
  constructor(outputs: Outputs = {}) {
    this.#outputs = outputs;
  }

  tool(name: string, schema: z.ZodObject = z.looseObject({})): StructuredTool {
    return new NotingTool(name, schema, (id, args) => this.#note(id, args));
  }

  tools(...names: string[]): StructuredTool[] {
    return names.map((name) => this.tool(name));
  }

  /** The arguments of the last attempt of a call. */
  givenTo(id: string): unknown {
    return this.given.findLast(([other]) => other === id)?.[1];
  }

  #note(id: string, args: unknown): unknown {
    this.given.push([id, args]);
    const output = id in this.#outputs ? this.#outputs[id] : `${id} result`;
    return typeof output === "function" ? (output(args) as unknown) : output;
  }
}

class NotingTool extends StructuredTool {
  readonly name: string;
  readonly description = "Notes what it is given.";
  readonly schema: z.ZodObject;
  readonly #note: (id: string, args: unknown) => unknown;

  constructor(
    name: string,
    schema: z.ZodObject,
    note: (id: string, args: unknown) => unknown,
  ) {
    super();
    this.name = name;
    this.schema = schema;
    this.#note = note;
  }

  protected override async _call(
    args: unknown,
    _manager: unknown,
    config: unknown,
  ): Promise<never> {
    const { toolCallId = "" } = config as { toolCallId?: string };
    return (await this.#note(toolCallId, args)) as never;
  }
}

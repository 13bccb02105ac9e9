import { type StructuredTool, tool } from "@langchain/core/tools";
import { interrupt } from "@langchain/langgraph";
import { z } from "zod";
import { settle } from "../../support/fake-clock.js";

/** Tools that note in `log` when they start and end. */
export class Notes {
  readonly log: string[] = [];

  /** Takes a turn of the event loop, then gives what `act` gives. */
  tool(
    name: string,
    act: (args: Record<string, unknown>) => unknown = () => `${name} done`,
  ): StructuredTool {
    const schema = z.looseObject({});
    return tool(
      async (args: Record<string, unknown>) => {
        const { length } = Object.keys(args);
        this.log.push(length > 0 ? `${name} ${JSON.stringify(args)}` : name);
        await settle();
        const output = await act(args);
        this.log.push(`${name} end`);
        return output;
      },
      { name, description: name, schema },
    );
  }

  tools(...names: string[]): StructuredTool[] {
    return names.map((name) => this.tool(name));
  }

  failing(name: string): StructuredTool {
    return this.tool(name, () => {
      throw new Error(`${name} is broken`);
    });
  }

  /** Asks a human. */
  asking(name = "ask"): StructuredTool {
    return this.tool(name, () => `said ${String(interrupt(`${name}?`))}`);
  }
}

import {
  tool,
  type StructuredTool,
  type ToolRuntime,
} from "@langchain/core/tools";
import { z } from "zod";
import type { Log } from "./play.js";
import { sleep } from "./sleep.js";

/** A tool that answers its text after so long, and says what it does in the log. */
export function timedTool(
  name: string,
  log: Log,
  ms = 20,
  inside: (runtime: ToolRuntime, text: string) => unknown = () => undefined,
): StructuredTool {
  return tool(
    async ({ text }: { text: string }, runtime: ToolRuntime) => {
      log(`${name} ${text} starts`);
      try {
        await sleep(ms, runtime.signal);
        const given = await inside(runtime, text);
        log(`${name} ${text} ends`);
        return given ?? `${name}: ${text}`;
      } catch (error) {
        log(`${name} ${text} throws`);
        throw error;
      }
    },
    {
      name,
      description: "A tool.",
      schema: z.object({ text: z.string() }),
    },
  );
}

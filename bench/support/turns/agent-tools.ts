import { isDeepStrictEqual } from "node:util";
import { tool } from "@langchain/core/tools";
import { z } from "zod";
import type { FakeClock } from "../../../test/support/fake-clock.js";
import { plainArgs, type Task } from "./task.js";

/**
 * The two tools of the tasks. They take the time that their call takes on
 * `clock`, and insist on the arguments that it has to have.
 */
export function createTools(task: Task, clock: FakeClock) {
  const answer = async (args: object, id: string | undefined) => {
    const index = Number(id?.replace("call_", ""));
    const call = task.calls[index];
    if (
      call === undefined ||
      !isDeepStrictEqual(args, plainArgs(task, index))
    ) {
      throw new Error(`Unexpected call ${id}: ${JSON.stringify(args)}`);
    }
    await clock.sleep(call.durationMs);
    return call.output;
  };
  return [
    tool((args, { toolCall }) => answer(args, toolCall?.id), {
      name: "search",
      description:
        "Looks up one fact about one thing. Returns an object with `title`, `property`, `value` (a number), `unit` and `source`.",
      schema: z.object({
        query: z
          .string()
          .describe("The fact and the thing, e.g. height of Mont Blanc"),
      }),
    }),
    tool((args, { toolCall }) => answer(args, toolCall?.id), {
      name: "calculate",
      description: "Evaluates an arithmetic expression. Returns a number.",
      schema: z.object({
        expression: z
          .string()
          .describe("Numbers with + - * / ( ), min(...) and max(...)"),
      }),
    }),
  ];
}

export type AgentTools = ReturnType<typeof createTools>;

import { ToolMessage } from "@langchain/core/messages";
import { type ToolRuntime, tool } from "@langchain/core/tools";
import { Annotation, Command, MessagesAnnotation } from "@langchain/langgraph";
import { z } from "zod";

const list = () =>
  Annotation<string[]>({
    reducer: (all, more) => [...all, ...more],
    default: () => [],
  });

/** Messages, notes that tools take, and the nodes that were run. */
export const Notebook = Annotation.Root({
  ...MessagesAnnotation.spec,
  notes: list(),
  visited: list(),
});

const schema = z.object({ n: z.number() });

/** Takes a note by way of a Command, and goes on to `goto`. */
export const createRemember = (goto?: string) =>
  tool(
    async ({ n }, { toolCallId }: ToolRuntime) =>
      new Command({
        update: {
          ...(goto !== undefined && { notes: [`note ${n}`] }),
          messages: [
            new ToolMessage({
              content: `remembered ${n}`,
              name: "remember",
              tool_call_id: toolCallId,
            }),
          ],
        },
        ...(goto !== undefined && { goto }),
      }),
    { name: "remember", description: "Takes a note.", schema },
  );

export const plain = tool(async ({ n }) => `plain ${n}`, {
  name: "plain",
  description: "Answers.",
  schema,
});

/** Calls of both, and their answers. */
export const CALLS = ["plain", "remember", "plain", "remember"].map(
  (name, i) => ({ id: `call_${i}`, name, args: { n: i } }),
);
export const ANSWERS = ["plain 0", "remembered 1", "plain 2", "remembered 3"];

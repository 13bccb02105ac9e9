import { setImmediate } from "node:timers/promises";
import { ToolMessage } from "@langchain/core/messages";
import {
  type StructuredTool,
  type ToolRuntime,
  tool,
} from "@langchain/core/tools";
import { Command, interrupt } from "@langchain/langgraph";
import { z } from "zod";
import { ASKS } from "./agent-batch.js";

class CustomError extends Error {
  override readonly name = "CustomError";
  readonly code = 42;
}

/** What a client of a busy server throws. */
class HttpError extends Error {
  readonly status = 429;
  readonly headers = { "retry-after": "7" };
}

const THROWN: Readonly<Record<string, () => Error>> = {
  plain: () => new Error("it broke", { cause: new Error("below") }),
  custom: () => new CustomError("it broke in its own way"),
  http: () => new HttpError("slow down"),
  type: () => new TypeError("no such thing"),
};

interface Args {
  readonly text: string;
  readonly kind: string;
  readonly value: unknown;
}

type Act = (args: Args, runtime: ToolRuntime) => unknown;

const fail: Act = ({ kind }) => {
  throw (THROWN[kind] as () => Error)();
};

/** A message of the tool's own. */
const answer = (text: string, { toolCallId }: ToolRuntime) =>
  new ToolMessage({
    content: `as written: ${text}`,
    tool_call_id: toolCallId,
    artifact: { text },
    ...(text === "" && { status: "error" }),
  });

const fields = {
  text: z.string(),
  kind: z.string(),
  value: z.unknown(),
};

/**
 * The tools of each agent. They keep nothing, so all agents share them: to make them
 * takes longer than to play a batch. Each first lets `rank` turns of the event loop
 * pass.
 */
export const BATCH_TOOLS: readonly StructuredTool[] = createTools();

function createTools(): StructuredTool[] {
  const named = (
    name: string,
    field: keyof typeof fields,
    act: Act,
    more: object = {},
  ) =>
    tool(
      async (args: { rank: number }, runtime: ToolRuntime) => {
        for (let i = 0; i < args.rank; i += 1) await setImmediate();
        return act(args as never, runtime);
      },
      {
        name,
        description: name,
        schema: z.object({ rank: z.int(), [field]: fields[field] }),
        ...more,
      } as never,
    ) as unknown as StructuredTool;
  return [
    named("say", "text", ({ text }) => text),
    named("give", "value", ({ value }) => value),
    named("blocks", "text", ({ text }) => [{ type: "text", text }]),
    named("cite", "text", ({ text }) => [text, { from: text }], {
      responseFormat: "content_and_artifact",
    }),
    named("message", "text", ({ text }, runtime) => answer(text, runtime)),
    named(
      "note",
      "text",
      ({ text }, runtime) =>
        new Command({
          update: { notes: [text], messages: [answer(text, runtime)] },
        }),
    ),
    named("write", "text", ({ text }, { writer }) => {
      writer?.({ wrote: text });
      return "written";
    }),
    named("finish", "text", ({ text }) => text, { returnDirect: true }),
    named("fail", "kind", fail),
    named("give_up", "kind", fail, { returnDirect: true }),
    named(ASKS, "text", ({ text }) => `answered ${String(interrupt(text))}`),
  ];
}

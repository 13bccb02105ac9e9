import type { RunnableConfig } from "@langchain/core/runnables";
import {
  type StructuredTool,
  tool,
  type ToolRuntime,
} from "@langchain/core/tools";
import {
  interrupt,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { z } from "zod";
import { MessageModel } from "./message-model.js";
import { type StageCall, tellStage, untilFinished } from "./stage-client.js";
import { Turn } from "./turns.js";

const model = new MessageModel();

/** A graph of its own, with a model in it. */
const kid = new StateGraph(MessagesAnnotation)
  .addNode("kid", async ({ messages }, config) => ({
    messages: [await model.invoke(messages, config)],
  }))
  .addEdge(START, "kid")
  .compile();

/** What calls do in their turns, beside each other. */
const works: Record<string, (runtime: ToolRuntime) => unknown> = {
  plain: () => "as it is",
  breaks: () => {
    throw new TypeError("it broke");
  },
  announces: ({ writer }) => {
    for (const percent of [50, 100]) writer?.({ percent });
    return "announced";
  },
  narrates: async (runtime) => {
    const words: string[] = [];
    const script = JSON.stringify("Once upon a time.");
    for await (const chunk of await model.stream(script, runtime)) {
      words.push(chunk.text);
    }
    return words.join("");
  },
  delegates: async (runtime) => {
    const content = JSON.stringify("The kid did it.");
    const input = { messages: [{ role: "user", content }] };
    const config: RunnableConfig = runtime;
    const { messages } = await kid.invoke(input, config);
    return messages.at(-1)?.text;
  },
};

const inTurn = z.object({ turn: z.number() });

const working = Object.entries(works).map(([name, work]) =>
  tool(
    async (args, runtime: ToolRuntime) => {
      const turn = new Turn(callOf(runtime).thread, args.turn);
      await turn.begin();
      try {
        return await work(runtime);
      } finally {
        turn.end();
      }
    },
    { name, description: name, schema: inTurn },
  ),
);

/** What it yields is streamed in the mode `tools`. */
const counts = tool(
  async function* (args: z.infer<typeof inTurn>, runtime: ToolRuntime) {
    const turn = new Turn(callOf(runtime).thread, args.turn);
    await turn.begin();
    yield "one";
    yield "two";
    turn.end();
    return "counted";
  } as never,
  { name: "counts", description: "counts", schema: inTurn },
);

/** They end when the test says so, or when they are aborted. */
const waiting = ["waits", "follows"].map((name) =>
  tool(
    async (_args, runtime: ToolRuntime) => {
      const { signal } = runtime;
      const call = callOf(runtime);
      const onAbort = () => void tellStage(call, "signal");
      signal?.addEventListener("abort", onAbort, { once: true });
      try {
        await tellStage(call, "start");
        await untilFinished(call, signal);
        await tellStage(call, "end");
      } finally {
        signal?.removeEventListener("abort", onAbort);
      }
      return "waited";
    },
    { name, description: name, schema: z.object({}) },
  ),
);

/** Asks a human. */
const asks = tool(
  async (_args, runtime: ToolRuntime) => {
    const call = callOf(runtime);
    const answer = String(interrupt(`${call.call}?`));
    await tellStage(call, `answered ${answer}`);
    return answer;
  },
  { name: "asks", description: "asks", schema: z.object({}) },
);

export const tools: StructuredTool[] = [...working, counts, ...waiting, asks];

function callOf({ configurable, toolCallId }: ToolRuntime): StageCall {
  const { thread_id: thread } = configurable as { thread_id?: string };
  return { thread: String(thread), call: toolCallId };
}

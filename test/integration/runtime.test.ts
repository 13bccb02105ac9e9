import { AsyncLocalStorage } from "node:async_hooks";
import { dispatchCustomEvent } from "@langchain/core/callbacks/dispatch";
import { HumanMessage } from "@langchain/core/messages";
import { RunnableLambda } from "@langchain/core/runnables";
import {
  type BaseStore,
  getConfig,
  getCurrentTaskInput,
  getStore,
  getWriter,
  type LangGraphRunnableConfig,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { settle } from "../support/fake-clock.js";
import {
  CALLS,
  createSharedGraph,
  runOf,
  type Thread,
  THREADS,
  type Work,
} from "./support/shared-node.js";

/** A graph that says who invoked it, and is told nothing. */
const inner = new StateGraph(MessagesAnnotation)
  .addNode("say", (_, config) => ({
    messages: [new HumanMessage(threadOf(config))],
  }))
  .addEdge(START, "say")
  .compile();
const lambda = RunnableLambda.from((_: string, config) => threadOf(config));

function threadOf(config: { configurable?: Record<string, unknown> }): string {
  return String(config.configurable?.["thread_id"]);
}

function firstText(state: unknown): string {
  return String((state as typeof MessagesAnnotation.State).messages[0]?.text);
}

async function readOwn(
  store: BaseStore | null | undefined,
  config: { configurable?: Record<string, unknown> },
): Promise<string> {
  const item = await store?.get([threadOf(config)], "own");
  return String(item?.value["thread"]);
}

/** The application's own, as tracing or request logging would have it. */
const ambient = new AsyncLocalStorage<Thread>();

/** Each finds out in its own way in which run it is. */
const WAYS: Record<string, Work> = {
  "the configurable": async (_, runtime) => threadOf(runtime),
  "runtime.config": async (_, runtime) => threadOf(runtime.config),
  "runtime.state": async (_, runtime) => firstText(runtime.state),
  "runtime.context": async (_, { context }) =>
    (context as { user: string }).user,
  "runtime.store": async (_, runtime) =>
    readOwn(runtime.store as unknown as BaseStore, runtime),
  "getConfig()": async () => threadOf(getConfig()),
  "getConfig() some turns later": async () => {
    await settle();
    return threadOf(getConfig());
  },
  "getStore()": async () => readOwn(getStore(), getConfig()),
  "getCurrentTaskInput()": async () => firstText(getCurrentTaskInput()),
  "getCurrentTaskInput(config)": async (_, runtime) =>
    firstText(getCurrentTaskInput(runtime.config)),
  "the application's AsyncLocalStorage": async () => String(ambient.getStore()),
  "a runnable that is not given a config": async () => lambda.invoke(""),
  "a graph that is not given a config": async () =>
    firstText(await inner.invoke({})),
};

describe("runs that share a node, their calls started by each other's ends", () => {
  test.each(Object.entries(WAYS))("keep apart %s", async (_, work) => {
    const line: string[] = [];
    const graph = await createSharedGraph(async (n, runtime) => {
      line.push(`${threadOf(runtime)} ${n}`);
      return work(n, runtime);
    });

    const states = await Promise.all(
      THREADS.map((thread) => {
        const { input, config } = runOf(thread);
        return ambient.run(thread, () => graph.invoke(input, config));
      }),
    );

    expect(line).toEqual(
      THREADS.flatMap((thread) =>
        CALLS.map(({ args }) => `${thread} ${args.n}`),
      ),
    );
    expect(
      states.map(({ messages }) => messages.slice(2, -1).map((m) => m.text)),
    ).toEqual(THREADS.map((thread) => CALLS.map(() => thread)));
  });

  test("see the id of their own call", async () => {
    const graph = await createSharedGraph(async (_, { toolCallId, toolCall }) =>
      [toolCallId, toolCall?.id].join(),
    );

    const states = await Promise.all(
      THREADS.map((thread) => {
        const { input, config } = runOf(thread);
        return graph.invoke(input, config);
      }),
    );

    for (const { messages } of states) {
      expect(messages.slice(2, -1).map(({ text }) => text)).toEqual(
        CALLS.map(({ id }) => `${id},${id}`),
      );
    }
  });

  test("write to the stream of their own run", async () => {
    const graph = await createSharedGraph(async (n, runtime) => {
      runtime.writer?.(`${threadOf(runtime)} ${n} by runtime.writer`);
      getWriter(runtime.config as LangGraphRunnableConfig)?.(
        `${threadOf(runtime)} ${n} by getWriter`,
      );
      return "done";
    });

    const written = await Promise.all(
      THREADS.map(async (thread) => {
        const { input, config } = runOf(thread);
        const options = { ...config, streamMode: "custom" as const };
        return collect(await graph.stream(input, options));
      }),
    );

    expect(written).toEqual(
      THREADS.map((thread) =>
        CALLS.flatMap(({ args }) => [
          `${thread} ${args.n} by runtime.writer`,
          `${thread} ${args.n} by getWriter`,
        ]),
      ),
    );
  });

  test("dispatch events to the listeners of their own run", async () => {
    const graph = await createSharedGraph(async (n) => {
      await dispatchCustomEvent("progress", n);
      return "done";
    });

    const events = await Promise.all(
      THREADS.map(async (thread) => {
        const { input, config } = runOf(thread);
        const options = { ...config, version: "v2" as const };
        return collect(graph.streamEvents(input, options));
      }),
    );

    const custom = events.map((seen) =>
      seen.filter(({ event }) => event === "on_custom_event"),
    );
    expect(
      custom.map((seen) =>
        seen.map(({ metadata, data }) => [metadata["thread_id"], data]),
      ),
    ).toEqual(
      THREADS.map((thread) => CALLS.map(({ args }) => [thread, args.n])),
    );
  });
});

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

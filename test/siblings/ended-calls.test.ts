import { ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import {
  Command,
  interrupt,
  MemorySaver,
  MessagesAnnotation,
  Send,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { createMiddleware } from "langchain";
import { ParallelToolNode } from "parallel-tools-node";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { Desk, HOSTS, type Host } from "../approvals/desk.js";
import { settle } from "../support/fake-clock.js";
import { ask, callOf } from "../support/messages.js";

const none = z.object({});
const message = (id: string) =>
  new ToolMessage({ content: "set", tool_call_id: id });
const RESULTS: Readonly<Record<string, unknown>> = {
  "a text": "set",
  "a Command with its message": new Command({
    update: { messages: [message("1")] },
  }),
  "a Command with the message of another id": new Command({
    update: { messages: [message("other")] },
  }),
  "a Command without a message": new Command({ update: {} }),
};
const SENT = HOSTS.filter(
  ({ base, isInside }) => base.endsWith("v2") && !isInside,
);

test.each(
  SENT.flatMap((host) =>
    Object.keys(RESULTS).map((result) => ({ host, result })),
  ),
)(
  "in $host.name, a call that gave $result has ended after a pause",
  async ({ host, result }) => {
    const log: string[] = [];
    const setup = tool(
      () => {
        log.push("setup");
        return RESULTS[result];
      },
      { name: "setup", description: "Sets up.", schema: none },
    );
    const asking = tool(() => `said ${interrupt("go?")}`, {
      name: "ask",
      description: "Asks.",
      schema: none,
    });
    const use = tool(
      () => {
        log.push("use");
        return "used";
      },
      { name: "use", description: "Uses.", schema: none },
    );
    const calls = [
      callOf("1", "setup"),
      callOf("2", "ask"),
      callOf("3", "use"),
    ];
    const options = {
      policies: { use: { after: ["setup", "ask"] } },
      arrivalTimeoutMs: 1e9,
    };
    const desk = new Desk(host, [setup, asking, use], calls, { options });
    expect(await desk.start()).toEqual(["go?"]);
    expect(await desk.answer({ "go?": "yes" })).toEqual([]);
    expect(log).toEqual(["setup", "use"]);
    expect(desk.answers.slice(-2)).toEqual(["2: said yes", "3: used"]);
  },
);

const [AGENT, DURABLE_AGENT] = [false, true].map((durable) =>
  SENT.find((host) => host.base === "agent v2" && host.durable === durable),
) as [Host, Host];

/** Texts of `get`, a question of `ask`, and what `use` is for. */
function tools(log: string[]) {
  const schema = z.object({ n: z.number().optional() });
  const get = tool(
    ({ n = 0 }) => {
      log.push(`get ${n}`);
      return `got ${n}`;
    },
    { name: "get", description: "Gets.", schema },
  );
  const ask = tool(() => `said ${interrupt("go?")}`, {
    name: "ask",
    description: "Asks.",
    schema,
  });
  const use = tool(
    () => {
      log.push("use");
      return "used";
    },
    { name: "use", description: "Uses.", schema },
  );
  return [get, ask, use];
}

/** Middleware in front, through which the calls of `ask` come later. */
function holdingAsk(until: () => Promise<unknown>) {
  return createMiddleware({
    name: "holds",
    async wrapToolCall(request, handler) {
      if (request.toolCall.name === "ask") await until();
      return handler(request);
    },
  });
}

/** Tells of the next time that it is read. */
class WatchedSaver extends MemorySaver {
  #onRead: () => Promise<void> | void = () => {};

  /** Resolves when the read begins, which goes on when `held` resolves. */
  nextRead(held: Promise<void> = Promise.resolve()): Promise<void> {
    return new Promise((resolve) => {
      this.#onRead = () => {
        resolve();
        return held;
      };
    });
  }

  override async getTuple(...config: Parameters<MemorySaver["getTuple"]>) {
    const onRead = this.#onRead;
    this.#onRead = () => {};
    await onRead();
    return super.getTuple(...config);
  }
}

describe("after a pause,", () => {
  test.each([
    ["no ids", undefined],
    ["empty ids", ""],
    ["one id for all", "call_0"],
  ])(
    "with %s, what a call gave isn't taken for the answer of one that comes late",
    async (_, id) => {
      const log: string[] = [];
      const calls = [
        callOf(id, "ask"),
        callOf(id, "get", { n: 1 }),
        callOf(id, "get", { n: 2 }),
        callOf(id, "use"),
      ];
      const options = {
        policies: { use: { after: ["get", "ask"] } },
        arrivalTimeoutMs: 1e9,
      };
      const checkpointer = new WatchedSaver();
      let until = () => Promise.resolve();
      const before = [holdingAsk(() => until())];
      const setup = { options, before, checkpointer };
      const desk = new Desk(AGENT, tools(log), calls, setup);
      expect(await desk.start()).toEqual(["go?"]);
      until = async () => {
        // The answers of humans are read before the calls that have ended.
        await settle();
        await checkpointer.nextRead();
        await settle();
      };
      expect(await desk.answer({ "go?": "no" })).toEqual([]);
      expect(log).toEqual(["get 1", "get 2", "use"]);
      expect(desk.answers.map((one) => one.replace(/^.*: /, ""))).toEqual([
        "said no",
        "got 1",
        "got 2",
        "used",
      ]);
    },
  );

  test("a call that ran for others, too, has ended for all of them", async () => {
    const log: string[] = [];
    const calls = ["1", "2", "3", "4"].map((id) =>
      callOf(id, id === "1" ? "ask" : "get"),
    );
    const options = {
      policies: { ask: { after: ["get"] }, get: { dedupe: true } },
      arrivalTimeoutMs: 1e9,
    };
    const desk = new Desk(DURABLE_AGENT, tools(log), calls, { options });
    expect(await desk.start()).toEqual(["go?"]);
    expect(await desk.answer({ "go?": "yes" })).toEqual([]);
    expect(log).toEqual(["get 0"]);
    expect(desk.answers[0]).toBe("1: said yes");
  });

  test("a call has ended also if another comes while it is looked up", async () => {
    const log: string[] = [];
    const calls = [callOf("1", "get"), callOf("2", "ask"), callOf("3", "use")];
    const options = {
      policies: { use: { after: ["get", "ask"] } },
      arrivalTimeoutMs: 1e9,
    };
    const checkpointer = new WatchedSaver();
    let until = () => Promise.resolve();
    let hasCome = () => {};
    const before = [holdingAsk(() => until())];
    const after = [
      createMiddleware({
        name: "watches",
        wrapToolCall(request, handler) {
          hasCome();
          return handler(request);
        },
      }),
    ];
    const setup = { options, before, after, checkpointer };
    const desk = new Desk(AGENT, tools(log), calls, setup);
    expect(await desk.start()).toEqual(["go?"]);
    until = async () => {
      await settle();
      const come = new Promise<void>((resolve) => {
        hasCome = resolve;
      });
      await checkpointer.nextRead(come);
    };
    expect(await desk.answer({ "go?": "yes" })).toEqual([]);
    expect(log).toEqual(["get 0", "use"]);
  });
});

describe("where other Sends stand between those of a message, a call that gave", () => {
  test.each(Object.keys(RESULTS))(
    "%s has ended after a pause",
    async (result) => {
      const log: string[] = [];
      const act = (name: string, does: () => unknown) =>
        tool(does, { name, description: name, schema: none });
      const node = new ParallelToolNode(
        [
          act("setup", () => {
            log.push("setup");
            return RESULTS[result];
          }),
          act("ask", () => `said ${interrupt("go?")}`),
          act("use", () => {
            log.push("use");
            return "used";
          }),
        ] as never,
        {
          policies: { use: { after: ["setup", "ask"] } },
          arrivalTimeoutMs: 1e9,
        },
      );
      const calls = [
        callOf("1", "setup"),
        callOf("2", "ask"),
        callOf("3", "use"),
      ];
      const messages = [ask(...calls)];
      const [first, ...others] = calls.map(
        (call) => new Send("tools", { messages, lg_tool_call: call }),
      );
      const graph = new StateGraph(MessagesAnnotation)
        .addNode("tools", node)
        .addNode("other", () => ({}))
        .addConditionalEdges(START, () => [
          first!,
          new Send("other", { messages }),
          ...others,
        ])
        .compile({ checkpointer: new MemorySaver() });
      const config = { configurable: { thread_id: "t" } };
      await graph.invoke({ messages: [] }, config);
      const state = await graph.invoke(new Command({ resume: "yes" }), config);
      expect(log).toEqual(["setup", "use"]);
      expect(state.messages.slice(-2).map(({ text }) => text)).toEqual([
        "said yes",
        "used",
      ]);
    },
  );
});

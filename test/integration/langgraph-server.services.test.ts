import { createRequire } from "node:module";
import type { StreamMode } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  byMode,
  comparable,
  comparableSet,
} from "./support/langgraph-server/comparable.js";
import { RemoteStage } from "./support/langgraph-server/remote-stage.js";
import { LangGraphServer } from "./support/langgraph-server/server.js";
import { ServerThread } from "./support/langgraph-server/server-thread.js";

const HOSTS = ["node", "v1", "v2"] as const;
const FORMS = ["Plain", "Policies", "Durable"] as const;

/** Each mode that the server takes, and what an event of it tells of the calls. */
const MODES = {
  values: "it broke",
  updates: "it broke",
  messages: " upon",
  "messages-tuple": " upon",
  events: "on_tool_error",
  tasks: "it broke",
  checkpoints: "it broke",
  debug: "it broke",
  custom: "percent",
  tools: "on_tool_event",
} satisfies Record<Exclude<StreamMode, "lifecycle">, string>;
const ALL_MODES = Object.keys(MODES) as StreamMode[];

let stage: RemoteStage;
let server: LangGraphServer;
beforeAll(async () => {
  stage = await RemoteStage.open();
  const graphs = HOSTS.flatMap((host) =>
    ["Stock", ...FORMS].map((form) => host + form),
  );
  server = await LangGraphServer.start(graphs, { STAGE_URL: stage.url });
}, 120_000);
afterAll(async () => {
  await server?.stop();
  await stage?.close();
});

function open(graph: string): Promise<ServerThread> {
  return ServerThread.open(graph, server, stage);
}

function comparableIn({ graph }: ServerThread) {
  return (value: unknown) => comparable(value, graph);
}

/** Calls of one tool. */
function callsOf(name: string, ...ids: readonly string[]) {
  return ids.map((id) => ({ id, name }));
}

/** Has the graph without us and some of ours do the same, and compares it. */
async function sameInAll<T>(
  host: string,
  forms: readonly string[],
  see: (thread: ServerThread) => Promise<T>,
): Promise<T> {
  const [stock, ...ours] = await Promise.all(
    ["Stock", ...forms].map(async (form) => see(await open(host + form))),
  );
  for (const seen of ours) expect(seen).toEqual(stock);
  return stock as T;
}

// Side by side: the server takes half a second to notice that a run has ended.
describe.concurrent("on LangGraph Server,", { timeout: 90_000 }, () => {
  test("the langgraph is the one of the other tests", async () => {
    const { version } = createRequire(import.meta.url)(
      "@langchain/langgraph/package.json",
    ) as { version: string };
    const response = await fetch(`${server.url}/info`);
    expect(await response.json()).toMatchObject({
      langgraph_js_version: version,
      flags: { langsmith: false },
    });
  });

  describe.each(HOSTS)("in %s,", (host) => {
    const works = ["plain", "breaks", "announces", "narrates", "delegates"];
    const calls = [...works, "counts"].map((name, i) => ({
      id: `call ${i}`,
      name,
      args: { turn: i + 1 },
    }));

    test.each(Object.entries(MODES))(
      "the events of mode %s are those without us",
      async (mode, sign) => {
        const modes = [mode as StreamMode];
        const stock = await sameInAll(host, ["Plain", "Durable"], (thread) =>
          thread.stream(calls, modes, true).then(comparableIn(thread)),
        );
        expect(JSON.stringify(stock)).toContain(sign);
      },
    );

    test("the events of all modes at once are those without us", async () => {
      await sameInAll(host, ["Plain", "Durable"], (thread) =>
        thread.stream(calls, ALL_MODES, false).then(comparableIn(thread)),
      );
    });

    test("limits change the order of the events alone", async () => {
      const stock = await sameInAll(host, ["Policies"], async (thread) =>
        comparableSet(
          await thread.stream(calls, ALL_MODES, true),
          thread.graph,
        ),
      );
      expect(stock.length).toBeGreaterThan(100);
    });

    /** The events up to a question, and those from its answer on. */
    async function answerIn(thread: ServerThread, modes: StreamMode[]) {
      const before = await thread.stream(callsOf("asks", "a"), modes, true);
      const ids = Object.values(await thread.questions());
      const answers = Object.fromEntries(ids.map((id) => [id, "yes"]));
      const after = await thread.stream(answers, modes, true);
      // A call that runs again is read first: other modes go on meanwhile.
      return comparableIn(thread)([byMode(before), byMode(after)]);
    }

    test("the events of a question and its answer are those without us", async () => {
      const modes = ALL_MODES.filter((mode) => mode !== "events");
      const stock = await sameInAll(host, FORMS, (thread) =>
        answerIn(thread, modes),
      );
      const text = JSON.stringify(stock);
      expect(text).toContain("__interrupt__");
      expect(text).toContain("All done.");
    });

    // With durable, the question gets an id of its own after the tool has thrown.
    test("a question is an error of the tool in mode events, as without us", async () => {
      const forms = host === "v2" ? FORMS : FORMS.slice(0, 2);
      const stock = await sameInAll(host, forms, (thread) =>
        answerIn(thread, ["events"]),
      );
      expect(JSON.stringify(stock)).toContain("GraphInterrupt");
    });
  });

  describe.each([
    "nodeDurable",
    "v1Durable",
    "v2Stock",
    "v2Plain",
    "v2Policies",
    "v2Durable",
  ])("two questions of a message in %s", (graph) => {
    async function ask() {
      const thread = await open(graph);
      thread.finish("w");
      const calls = [...callsOf("waits", "w"), ...callsOf("asks", "a", "b")];
      await thread.ended(await thread.start(calls));
      const questions = await thread.questions();
      expect(Object.keys(questions).toSorted()).toEqual(["a?", "b?"]);
      expect(new Set(Object.values(questions)).size).toBe(2);
      const { "a?": a = "", "b?": b = "" } = questions;
      return { thread, a, b };
    }
    const END = [
      "human",
      "ai",
      "w: waited",
      "a: no",
      "b: yes",
      "ai: All done.",
    ];

    test("are answered by id, in one request", async () => {
      const { thread, a, b } = await ask();
      await thread.goOn({ [b]: "yes", [a]: "no" });
      expect(await thread.lines()).toEqual(END);
      expect(thread.log.slice(0, 2)).toEqual(["w start", "w end"]);
      expect(thread.log.slice(2).toSorted()).toEqual([
        "a answered no",
        "b answered yes",
      ]);
    });

    test("are answered by id, in two requests", async () => {
      const { thread, a, b } = await ask();
      await thread.goOn({ [b]: "yes" });
      expect(await thread.lines()).not.toContain("ai: All done.");
      await thread.goOn({ [a]: "no" });
      expect(await thread.lines()).toEqual(END);
      expect(thread.log).toEqual([
        "w start",
        "w end",
        "b answered yes",
        "a answered no",
      ]);
    });
  });

  test.each(["node", "v1"])(
    "two questions in %s come one after the other, as without us",
    async (host) => {
      const seen = await sameInAll(
        host,
        ["Plain", "Policies"],
        async (thread) => {
          await thread.ended(await thread.start(callsOf("asks", "a", "b")));
          const rounds: string[][] = [];
          for (const answer of ["no", "yes"]) {
            const questions = await thread.questions();
            rounds.push(Object.keys(questions));
            const ids = Object.values(questions);
            await thread.goOn(
              Object.fromEntries(ids.map((id) => [id, answer])),
            );
          }
          return { rounds, log: thread.log, lines: await thread.lines() };
        },
      );
      expect(seen).toEqual({
        rounds: [["a?"], ["b?"]],
        log: ["a answered no", "a answered no", "b answered yes"],
        lines: ["human", "ai", "a: no", "b: yes", "ai: All done."],
      });
    },
  );

  describe.each(HOSTS)("a run in %s", (host) => {
    test.each(["interrupt", "rollback"] as const)(
      "that is cancelled (%s) leaves the thread, and goes on, as without us",
      async (action) => {
        const logs: Record<string, readonly string[]> = {};
        const stock = await sameInAll(host, FORMS, async (thread) => {
          logs[thread.graph] = thread.log;
          const run = await thread.start([
            ...callsOf("waits", "a", "b", "c"),
            ...callsOf("follows", "d"),
          ]);
          thread.finish("a");
          await thread.seen("a end", "b start", "c start");
          // The answer of `a` is kept by the time that this is answered.
          await thread.questions();
          await thread.cancel(run, action);
          await thread.seen("b signal", "c signal");
          const state = comparableIn(thread)(await thread.state());
          thread.note("cancelled");
          thread.finish("b", "c", "d");
          await thread.goOn();
          const end = comparableIn(thread)(await thread.state());
          return { state, end, lines: await thread.lines() };
        });

        expect(stock.lines).toEqual([
          "human",
          "ai",
          ...["a", "b", "c", "d"].map((id) => `${id}: waited`),
          "ai: All done.",
        ]);
        // With policies, `d` waits for the others, and starts when they have run.
        const { [`${host}Policies`]: log = [] } = logs;
        const before = log.slice(0, log.indexOf("cancelled"));
        expect(before.toSorted()).toEqual([
          "a end",
          "a start",
          "b signal",
          "b start",
          "c signal",
          "c start",
        ]);
        expect(log.slice(-2)).toEqual(["d start", "d end"]);
        const ofDurable = logs[`${host}Durable`];
        expect(ofDurable?.filter((line) => line === "a start")).toHaveLength(1);
      },
    );

    test.each(["reject", "enqueue", "interrupt", "rollback"] as const)(
      "and a second one (%s) leave the state that they leave without us",
      async (strategy) => {
        const forms = ["Plain", "Durable"];
        const stock = await sameInAll(host, forms, async (thread) => {
          const first = await thread.start(callsOf("waits", "a", "b"));
          thread.finish("a", "c");
          await thread.seen("a end", "b start");
          const second = await thread
            .start(callsOf("waits", "c"), strategy)
            .catch((error: Error) => error.message);
          const isAborted = strategy === "interrupt" || strategy === "rollback";
          if (isAborted) await thread.seen("b signal");
          else thread.finish("b");
          await thread.ended(first);
          if (typeof second !== "string") await thread.ended(second);
          return {
            refusal: typeof second === "string" ? second : "none",
            state: comparableIn(thread)(await thread.state()),
            lines: await thread.lines(),
            ended: thread.log.filter((line) => line.endsWith("end")),
          };
        });

        expect(stock.refusal).toContain(strategy === "reject" ? "422" : "none");
        const answered = {
          reject: ["a", "b"],
          enqueue: ["a", "b", "c"],
          interrupt: ["c"],
          rollback: ["c"],
        }[strategy];
        expect(stock.lines.filter((line) => line.includes(": waited"))).toEqual(
          answered.map((id) => `${id}: waited`),
        );
      },
    );
  });
});

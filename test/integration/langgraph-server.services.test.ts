import { createRequire } from "node:module";
import type { StreamMode } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  comparable,
  comparableSet,
} from "./support/langgraph-server/comparable.js";
import { RemoteStage } from "./support/langgraph-server/remote-stage.js";
import { LangGraphServer } from "./support/langgraph-server/server.js";
import { ServerThread } from "./support/langgraph-server/server-thread.js";

const HOSTS = ["node", "v1", "v2"] as const;
const FORMS = ["Plain", "Policies", "Durable"] as const;

/** Each mode, and what an event of it tells of the calls. */
const MODES: Readonly<Partial<Record<StreamMode, string>>> = {
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
};

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

/** Calls of one tool. */
function callsOf(name: string, ...ids: readonly string[]) {
  return ids.map((id) => ({ id, name }));
}

/** Does the same with the graph without us and with those of some forms. */
function withAll<T>(
  host: string,
  forms: readonly string[],
  run: (thread: ServerThread) => Promise<T>,
): Promise<[T, ...T[]]> {
  const all = ["Stock", ...forms].map(async (form) =>
    run(await open(host + form)),
  );
  return Promise.all(all) as Promise<[T, ...T[]]>;
}

// Most of the time goes into waiting: the server ends a run's stream when nothing
// has come for half a second.
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
        const all = await withAll(host, ["Plain", "Durable"], async (thread) =>
          comparable(await thread.stream(calls, modes, true), thread.graph),
        );
        expect(JSON.stringify(all[0])).toContain(sign);
        for (const ours of all) expect(ours).toEqual(all[0]);
      },
    );

    test("the events of all modes at once are those without us", async () => {
      const modes = Object.keys(MODES) as StreamMode[];
      const all = await withAll(host, ["Plain", "Durable"], async (thread) =>
        comparable(await thread.stream(calls, modes, false), thread.graph),
      );
      for (const ours of all) expect(ours).toEqual(all[0]);
    });

    test("limits change the order of events alone", async () => {
      const modes = Object.keys(MODES) as StreamMode[];
      const [stock, ours] = await withAll(host, ["Policies"], async (thread) =>
        comparableSet(await thread.stream(calls, modes, true), thread.graph),
      );
      expect(stock.length).toBeGreaterThan(100);
      expect(ours).toEqual(stock);
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
      const all = await withAll(host, ["Plain", "Policies"], async (thread) => {
        await thread.ended(await thread.start(callsOf("asks", "a", "b")));
        const rounds: string[][] = [];
        for (const answer of ["no", "yes"]) {
          const questions = await thread.questions();
          rounds.push(Object.keys(questions));
          const ids = Object.values(questions);
          await thread.goOn(Object.fromEntries(ids.map((id) => [id, answer])));
        }
        return { rounds, log: thread.log, lines: await thread.lines() };
      });
      for (const seen of all) {
        expect(seen).toEqual({
          rounds: [["a?"], ["b?"]],
          log: ["a answered no", "a answered no", "b answered yes"],
          lines: ["human", "ai", "a: no", "b: yes", "ai: All done."],
        });
      }
    },
  );

  describe.each(HOSTS)("a run in %s", (host) => {
    describe.each(["interrupt", "rollback"] as const)(
      "that is cancelled (%s)",
      (action) => {
        /** The first call has ended, two others run. With policies, one waits for all. */
        async function cancelled(thread: ServerThread) {
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
          const state = await thread.state();
          thread.note("cancelled");
          return comparable(state, thread.graph);
        }

        async function finished(thread: ServerThread) {
          thread.finish("b", "c", "d");
          await thread.goOn();
          return comparable(await thread.state(), thread.graph);
        }

        test("leaves the thread, and goes on, as without us", async () => {
          const all = await withAll(host, ["Plain", "Durable"], (thread) =>
            cancelled(thread).then(async (state) => ({
              state,
              end: await finished(thread),
              lines: await thread.lines(),
            })),
          );
          expect(all[0].lines).toEqual([
            "human",
            "ai",
            ..."abcd".split("").map((id) => `${id}: waited`),
            "ai: All done.",
          ]);
          for (const ours of all) expect(ours).toEqual(all[0]);
        });

        test("starts nothing more", async () => {
          const thread = await open(`${host}Policies`);
          await cancelled(thread);
          await finished(thread);
          const { log } = thread;
          const before = log.slice(0, log.indexOf("cancelled"));
          expect(before.toSorted()).toEqual([
            "a end",
            "a start",
            "b signal",
            "b start",
            "c signal",
            "c start",
          ]);
          expect(log.filter((line) => line === "d start")).toHaveLength(1);
          expect(await thread.lines()).toContain("ai: All done.");
        });

        test("keeps the answers that are there, with durable", async () => {
          const thread = await open(`${host}Durable`);
          await cancelled(thread);
          await finished(thread);
          expect(thread.log.filter((line) => line === "a start")).toHaveLength(
            1,
          );
        });
      },
    );

    test.each(["reject", "enqueue", "interrupt", "rollback"] as const)(
      "and a second one (%s) leave the state that they leave without us",
      async (strategy) => {
        const all = await withAll(host, FORMS, async (thread) => {
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
          const { log } = thread;
          return {
            refusal: typeof second === "string" ? second : "none",
            state: comparable(await thread.state(), thread.graph),
            lines: await thread.lines(),
            ran: log.filter((line) => line.endsWith("end")),
          };
        });
        expect(all[0].refusal).toContain(
          strategy === "reject" ? "422" : "none",
        );
        const of = {
          reject: ["a", "b"],
          enqueue: ["a", "b", "c"],
          interrupt: ["c"],
          rollback: ["c"],
        };
        expect(
          all[0].lines.filter((line) => line.includes(": waited")),
        ).toEqual(of[strategy].map((id) => `${id}: waited`));
        for (const ours of all) expect(ours).toEqual(all[0]);
      },
    );
  });
});

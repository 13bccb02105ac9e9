import {
  Command,
  getConfig,
  interrupt,
  type LangGraphRunnableConfig,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { asAttempt } from "@/langgraph/as-attempt.js";
import { inConfigurable } from "@/langgraph/in-configurable.js";
import { openCheckpoints, pendingWrites } from "@/langgraph/pending-writes.js";
import { nextQuestionId, ownQuestionId } from "@/langgraph/question-id.js";
import { scratchpadOf, withScratchpad } from "@/langgraph/task.js";
import { INPUT, thread } from "./support/thread.js";

const NO_TASK = "00000000-0000-0000-0000-000000000000";

test("a question has the id that is foretold, in any place", async () => {
  const foretold: (string | undefined)[] = [];
  const { run } = thread(({ configurable }) => {
    const namespace = String(configurable?.["checkpoint_ns"]);
    foretold.splice(
      0,
      3,
      ...[0, 1, 2].map((n) => nextQuestionId(namespace, n)),
    );
    interrupt("first");
    interrupt("second");
    interrupt("third");
  });
  const ids = [await run(INPUT), await run(new Command({ resume: 1 }))];
  ids.push(await run(new Command({ resume: 2 })));
  expect(ids.flat().map(({ id }) => id)).toEqual(foretold);
  expect(new Set(foretold).size).toBe(3);
});

test("asking for an id leaves the config as it was", async () => {
  const { run } = thread((config) => {
    nextQuestionId("x", 0);
    expect(getConfig()?.configurable?.["checkpoint_ns"]).toBe(
      config.configurable?.["checkpoint_ns"],
    );
  });
  expect(await run(INPUT)).toEqual([]);
});

test("an id of our own is taken for an id, and tells calls and questions apart", async () => {
  const ids = [
    ownQuestionId("ns", "a", 0),
    ownQuestionId("ns", "a", 1),
    ownQuestionId("ns", "b", 0),
    ownQuestionId("ns|a", "", 0),
  ];
  expect(new Set(ids).size).toBe(ids.length);
  let map: unknown;
  const { run } = thread(({ configurable }) => {
    map = configurable?.["__pregel_resume_map"];
    interrupt("?");
  });
  await run(INPUT);
  await run(new Command({ resume: { [ids[0] as string]: "yes" } }));
  expect(map).toEqual({ [ids[0] as string]: "yes" });
});

test("a task has a scratchpad, and a run that goes on says so", async () => {
  const seen: unknown[] = [];
  const { run } = thread((config) => {
    const scratchpad = scratchpadOf(config);
    seen.push({
      ...scratchpad,
      resume: [...(scratchpad?.resume ?? [])],
      isResumed: config.configurable?.["__pregel_resuming"] === true,
    });
    interrupt("?");
    interrupt("and?");
  });
  await run(INPUT);
  await run(new Command({ resume: "yes" }));
  const common = {
    callCounter: 0,
    interruptCounter: -1,
    subgraphCounter: 0,
    consumeNullResume: expect.any(Function) as unknown,
  };
  expect(seen).toMatchObject([
    { ...common, resume: [], isResumed: false },
    { ...common, resume: [], nullResume: "yes", isResumed: true },
  ]);
});

test("without a checkpointer there is no scratchpad to ask in", async () => {
  let seen: unknown = "not run";
  await new StateGraph(MessagesAnnotation)
    .addNode("node", (_, config) => {
      seen = scratchpadOf(config);
      return {};
    })
    .addEdge(START, "node")
    .compile()
    .invoke({ messages: [] });
  expect(seen).toBeUndefined();
});

test("a question in a scratchpad of its own leaves that of its task alone", async () => {
  const answers: unknown[] = [];
  const { run, graph, config } = thread((task) => {
    const configurable = task.configurable ?? {};
    const own = {
      ...scratchpadOf(task),
      interruptCounter: -1,
      resume: ["own answer"],
      nullResume: undefined,
      subgraphCounter: 0,
    };
    const inOwn = withScratchpad(configurable, own);
    answers.push(inConfigurable(inOwn, () => interrupt("own?")));
    answers.push(interrupt("the task's?"));
  });
  await run(INPUT);
  await run(new Command({ resume: "the task's answer" }));
  expect(answers).toEqual(["own answer", "own answer", "the task's answer"]);
  expect((await graph.getState(config)).next).toEqual([]);
});

test("an answer that is taken off a checkpoint is gone for LangGraph", async () => {
  const { run } = thread(async (config) => {
    const [checkpoint] = openCheckpoints(config);
    const plain = (await pendingWrites(config)).filter(
      ([id]) => id === NO_TASK,
    );
    if (plain.length > 0) {
      await checkpoint?.put(NO_TASK, [["__resume__", undefined]]);
    }
    interrupt("first");
    interrupt("second");
  });
  await run(INPUT);
  const second = await run(new Command({ resume: "yes" }));
  expect(second.map(({ value }) => value)).toEqual(["second"]);
  expect((await run(null)).map(({ value }) => value)).toEqual(["second"]);
});

test("LangGraph hands an old plain answer to a new question, if nobody takes it off", async () => {
  const { run } = thread(() => {
    interrupt("first");
    interrupt("second");
  });
  await run(INPUT);
  const open = await run(new Command({ resume: "yes" }));
  expect(open.map(({ value }) => value)).toEqual(["second"]);
  expect(await run(null)).toEqual([]);
});

describe("attempts in one scratchpad", () => {
  const config = (interruptCounter = -1): LangGraphRunnableConfig => ({
    configurable: {
      __pregel_checkpointer: {},
      __pregel_scratchpad: { interruptCounter, resume: [], subgraphCounter: 0 },
    },
  });
  const asking = (task: LangGraphRunnableConfig, questions: number) =>
    asAttempt(task, "call", () => {
      const scratchpad = scratchpadOf(task);
      if (scratchpad) scratchpad.interruptCounter += questions;
      return Promise.resolve();
    });
  const counter = (task: LangGraphRunnableConfig) =>
    scratchpadOf(task)?.interruptCounter;

  test("begin where the first began", async () => {
    const task = config(1);
    await asking(task, 2);
    expect(counter(task)).toBe(3);
    await asking(task, 1);
    expect(counter(task)).toBe(2);
    await asking(task, 3);
    expect(counter(task)).toBe(4);
  });

  test("go on behind a question that someone else has put in between", async () => {
    const task = config();
    await asking(task, 1);
    const scratchpad = scratchpadOf(task);
    if (scratchpad) scratchpad.interruptCounter += 1;
    await asking(task, 1);
    expect(counter(task)).toBe(2);
  });
});

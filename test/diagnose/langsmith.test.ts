import { AIMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import { describe, expect, test } from "vitest";
import {
  diagnose,
  diagnoseStream,
  type DiagnoseOptions,
} from "parallel-tools-node/diagnose";

const options: DiagnoseOptions = { reads: ["get"] };
const json = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;
const at = (second: number) =>
  `2031-05-01T10:00:${second.toFixed(3).padStart(6, "0")}`;

const asked = (trace: string, ...ids: string[]) =>
  new AIMessage({
    content: "",
    tool_calls: ids.map((id) => ({
      id: `${trace}-${id}`,
      name: "get",
      args: { id },
    })),
  });
const answer = (trace: string, id: string) =>
  new ToolMessage({ content: `this is ${id}`, tool_call_id: `${trace}-${id}` });

/** A run of a model, with its input and its output. */
function modelRun(trace: string, given: unknown[], got: unknown, from: number) {
  return {
    id: `${trace}-model-${from}`,
    trace_id: trace,
    name: "ChatOpenAI",
    run_type: "llm",
    start_time: at(from),
    end_time: at(from + 1),
    inputs: { messages: [json(given)] },
    outputs: { generations: [[{ text: "", message: json(got) }]] },
    extra: { invocation_params: { tools: [{ name: "get" }] } },
  };
}

function toolRun(trace: string, id: string, from: number, to: number) {
  return {
    id: `${trace}-tool-${id}`,
    trace_id: trace,
    name: "get",
    run_type: "tool",
    start_time: at(from),
    end_time: at(to),
    inputs: { input: "" },
    outputs: { output: json(answer(trace, id)) },
  };
}

/** An agent that looks at alpha, then at beta. */
function runsOf(trace: string) {
  const question = new HumanMessage("Look at alpha and beta");
  const first = asked(trace, "alpha");
  const second = asked(trace, "beta");
  const all = [
    question,
    first,
    answer(trace, "alpha"),
    second,
    answer(trace, "beta"),
  ];
  return [
    modelRun(trace, all.slice(0, 1), first, 0),
    toolRun(trace, "alpha", 1, 5),
    modelRun(trace, all.slice(0, 3), second, 6),
    toolRun(trace, "beta", 7, 9),
    modelRun(trace, all, new AIMessage("Done."), 10),
  ];
}

const root = (trace: string, runs: object[]) => ({
  id: trace,
  trace_id: trace,
  run_type: "chain",
  name: "LangGraph",
  inputs: { messages: [] },
  outputs: { messages: [] },
  child_runs: runs,
});

async function* text(values: readonly unknown[], form: "lines" | "array") {
  yield form === "lines"
    ? values.map((value) => JSON.stringify(value)).join("\n")
    : JSON.stringify(values);
}

const found = (values: readonly unknown[], form: "lines" | "array" = "lines") =>
  diagnoseStream([{ name: "runs", chunks: text(values, form) }], options);

const once = {
  conversations: 1,
  calls: 2,
  turns: 2,
  turnsNeeded: 1,
  findingCount: 1,
  // The model saves 1 s, the tools save the shorter call of 2 s.
  secondsSaved: 3,
};

describe("each trace is told once, with its times, from an export of", () => {
  test.each<[string, unknown[], "lines" | "array"]>([
    ["runs as JSON Lines", runsOf("t1"), "lines"],
    ["runs as an array", runsOf("t1"), "array"],
    ["runs with the last one first", runsOf("t1").toReversed(), "lines"],
    ["a root run that holds the others", [root("t1", runsOf("t1"))], "lines"],
    ["a page of the API", [{ runs: runsOf("t1"), cursors: {} }], "lines"],
  ])("%s", async (_, values, form) => {
    expect(await found(values, form)).toMatchObject(once);
  });

  test("traces whose runs stand among each other", async () => {
    const [one, two] = [runsOf("t1"), runsOf("t2")];
    const mixed = one.flatMap((run, place) => [run, two[place]]);
    expect(await found(mixed)).toMatchObject({
      conversations: 2,
      turns: 4,
      turnsNeeded: 2,
      secondsSaved: 6,
    });
  });

  test("a graph's final state, without runs of models", async () => {
    const messages = [
      new HumanMessage("Look at alpha and beta"),
      asked("t1", "alpha"),
      answer("t1", "alpha"),
      asked("t1", "beta"),
      answer("t1", "beta"),
    ];
    const state = { ...root("t1", []), outputs: { messages: json(messages) } };
    expect(await found([state])).toMatchObject({ turns: 2, turnsNeeded: 1 });
  });

  test("runs that begin with what earlier traces have told", async () => {
    const before = [
      new HumanMessage("Look at gamma and delta"),
      asked("t0", "gamma"),
      answer("t0", "gamma"),
      asked("t0", "delta"),
      answer("t0", "delta"),
      new AIMessage("Fine."),
    ];
    const runs = runsOf("t1").map((run) =>
      run.run_type === "llm"
        ? {
            ...run,
            inputs: {
              messages: [
                [
                  ...(json(before) as unknown[]),
                  ...((run.inputs as { messages: unknown[][] }).messages[0] ??
                    []),
                ],
              ],
            },
          }
        : run,
    );
    expect(await found(runs)).toMatchObject(once);
  });

  test("answers of wrapped OpenAI clients, and plain messages", async () => {
    const call = (id: string) => ({
      role: "assistant",
      content: null,
      tool_calls: [
        { id, function: { name: "get", arguments: `{"id":"${id}"}` } },
      ],
    });
    const question = { role: "user", content: "Look at alpha and beta" };
    const given = [
      question,
      call("alpha"),
      { role: "tool", tool_call_id: "alpha", content: "" },
    ];
    for (const outputs of [
      { choices: [{ message: call("beta") }] },
      { messages: [call("beta")] },
      { message: call("beta") },
      call("beta"),
    ]) {
      const run = {
        id: "r",
        run_type: "llm",
        inputs: { messages: given },
        outputs,
      };
      expect(await found([run])).toMatchObject({ turns: 2, turnsNeeded: 1 });
    }
  });
});

test("calls of one message that ran one after another are told with the seconds", async () => {
  const question = new HumanMessage("Look at alpha and beta");
  const both = asked("t1", "alpha", "beta");
  const answers = [answer("t1", "alpha"), answer("t1", "beta")];
  const { findings, turns, turnsNeeded } = await found([
    modelRun("t1", [question], both, 0),
    toolRun("t1", "alpha", 1, 4),
    toolRun("t1", "beta", 4, 9),
    modelRun("t1", [question, both, ...answers], new AIMessage("Done."), 10),
  ]);
  expect([turns, turnsNeeded]).toEqual([1, 1]);
  expect(findings[0]?.oneByOne).toEqual([
    { turn: 1, calls: [0, 1], secondsSaved: 3 },
  ]);
  expect(findings[0]?.advice.at(-1)?.text).toContain("ran one after another");
});

test("calls of one message that ran side by side are no finding", async () => {
  const question = new HumanMessage("Look at alpha and beta");
  const both = asked("t1", "alpha", "beta");
  const { findings } = await found([
    modelRun("t1", [question], both, 0),
    toolRun("t1", "alpha", 1, 4),
    toolRun("t1", "beta", 1, 9),
    modelRun(
      "t1",
      [question, both, answer("t1", "alpha"), answer("t1", "beta")],
      new AIMessage("Done."),
      10,
    ),
  ]);
  expect(findings).toEqual([]);
});

test("agents within one trace are told apart, and none is told twice", async () => {
  const inner = [
    new HumanMessage("Look at gamma and delta"),
    asked("in", "gamma"),
    answer("in", "gamma"),
    asked("in", "delta"),
    answer("in", "delta"),
  ];
  const runs = [
    ...runsOf("t1"),
    { ...modelRun("t1", inner, new AIMessage("Fine."), 20), id: "inner" },
  ];
  expect(await found(runs)).toMatchObject({
    conversations: 2,
    turns: 4,
    turnsNeeded: 2,
  });
});

test("a trace that goes on long after it seemed complete is an error", async () => {
  const others = Array.from({ length: 1_001 }, (_, place) => ({
    id: `other-${place}`,
    run_type: "tool",
  }));
  const [first, ...rest] = runsOf("t1");
  await expect(found([first, ...others, ...rest])).rejects.toThrow(
    "runs, line 1003, column 1: a run of trace t1, which seemed to be complete. The runs of a trace have to stand near each other: sort the export by trace_id, or by time.",
  );
});

test("a single run is no conversation for diagnose", () => {
  expect(() => diagnose(runsOf("t1")[0] ?? {}, options)).toThrow(
    "messages: expected a message or a conversation",
  );
});

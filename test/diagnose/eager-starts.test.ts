import { describe, expect, test } from "vitest";
import {
  diagnose,
  type DiagnoseOptions,
  type Diagnosis,
  diagnoseStream,
  diagnosisToHtml,
  formatDiagnosis,
} from "parallel-tools-node/diagnose";

const options: DiagnoseOptions = { reads: ["get"] };
const BEGIN_MS = Date.parse("2031-05-01T10:00:00Z");
const iso = (second: number) =>
  new Date(BEGIN_MS + second * 1_000).toISOString();

/** A call, when its answer was written, and its arguments. */
type Call = readonly [name: string, answered: unknown, args?: object];

/** A user's question, a message with calls, and their answers, with times. */
function messages(asked: unknown, written: unknown, ...calls: Call[]) {
  return [
    { role: "user", content: "Look at them", created_at: asked },
    {
      role: "assistant",
      created_at: written,
      content: null,
      tool_calls: calls.map(([name, , args = {}], place) => ({
        id: `call-${place}`,
        function: { name, arguments: JSON.stringify({ place, ...args }) },
      })),
    },
    ...calls.map(([, answered], place) => ({
      role: "tool",
      tool_call_id: `call-${place}`,
      created_at: answered,
      content: "fine",
    })),
  ];
}

interface Trace {
  /** When the model's run began and ended, and when its first token came. */
  readonly model: readonly [from: number, to: number, firstToken?: unknown];
  /** When each call ran. */
  readonly calls: readonly (readonly [from: number, to: number])[];
  /** The tool of the first call. The others are `get`. */
  readonly first?: string;
}

/** The runs of LangSmith of one message with calls. */
async function traced({
  model,
  calls,
  first = "get",
}: Trace): Promise<Diagnosis> {
  const [from, to, firstToken] = model;
  const asked = {
    role: "assistant",
    content: "",
    tool_calls: calls.map((_, place) => ({
      id: `call-${place}`,
      function: {
        name: place === 0 ? first : "get",
        arguments: `{"place":${place}}`,
      },
    })),
  };
  const run = (type: string, [start, end]: readonly [number, number]) => ({
    id: `${type}-${start}-${end}`,
    trace_id: "trace",
    run_type: type,
    start_time: iso(start),
    end_time: iso(end),
  });
  const runs = [
    {
      ...run("llm", [from, to]),
      first_token_time: firstToken,
      inputs: { messages: [[{ role: "user", content: "Look at them" }]] },
      outputs: { message: asked },
    },
    ...calls.map((span, place) => ({
      ...run("tool", span),
      outputs: { tool_call_id: `call-${place}` },
    })),
  ];
  async function* chunks() {
    yield runs.map((one) => JSON.stringify(one)).join("\n");
  }
  return diagnoseStream([{ name: "runs", chunks: chunks() }], options);
}

const eagerOf = ({ findings }: Diagnosis) =>
  findings.flatMap(({ eager }) => eager);
/** Eight calls of 1 s, two at a time, from the sixth second on. */
const pairs = [6, 6, 7, 7, 8, 8, 9, 9].map((at) => [at, at + 1] as const);
/** Four calls of 3 s, two at a time, from the fourth second on. */
const long = [4, 4, 7, 7].map((at) => [at, at + 3] as const);

describe("what an early start of calls would have saved", () => {
  test("is estimated from when a tracer says that they ran", async () => {
    // S = 4 (second 2 to 6), n = 8, p = 1, m = 2.
    // Recorded: S + n p / m = 4 + 8 = 8.
    // Early: max(S + p, m S / n + n p / m) = max(4 + 1, 1 + 4) = 5.
    const diagnosis = await traced({ model: [0, 6, iso(2)], calls: pairs });
    expect(diagnosis.eagerSecondsSaved).toBe(3);
    expect(diagnosis).toMatchObject({ turns: 1, turnsNeeded: 1 });
    expect(eagerOf(diagnosis)).toEqual([
      { turn: 1, calls: [0, 1, 2, 3, 4, 5, 6, 7], secondsSaved: 3 },
    ]);
  });

  test("counts the writing from the first token on", async () => {
    // S = 2, n = 4, p = 3, m = 2: 2 + 6 = 8, and max(5, 1 + 6) = 7.
    const known = await traced({ model: [0, 4, iso(2)], calls: long });
    expect(known.eagerSecondsSaved).toBe(1);
    // S = 4: 4 + 6 = 10, and max(7, 2 + 6) = 8.
    for (const token of [undefined, iso(-1), iso(5), "soon", 1e300]) {
      const unknown = await traced({ model: [0, 4, token], calls: long });
      expect(unknown.eagerSecondsSaved).toBe(2);
    }
  });

  test("leaves out what passes before any call starts", async () => {
    // As above, but all calls start half a second later.
    const late = long.map(([from, to]) => [from + 0.5, to + 0.5] as const);
    const diagnosis = await traced({ model: [0, 4, iso(2)], calls: late });
    expect(diagnosis.eagerSecondsSaved).toBe(1);
  });

  test("is estimated from when messages were written", () => {
    // S = 4. Call 1 is complete after 2 s and takes 10 s: 12 s instead of 14 s.
    // Call 2 is complete with the message.
    const diagnosis = diagnose(
      messages(iso(0), iso(4), ["get", iso(14)], ["get", iso(5)]),
      options,
    );
    expect(diagnosis.eagerSecondsSaved).toBe(2);
    expect(eagerOf(diagnosis)).toEqual([
      { turn: 1, calls: [0], secondsSaved: 2 },
    ]);
    expect(diagnosis.findings[0]?.advice.map(({ kind }) => kind)).toEqual([
      "eager",
    ]);
  });

  test("is added up over turns and conversations", async () => {
    const one = messages(iso(0), iso(4), ["get", iso(14)], ["get", iso(5)]);
    async function* chunks() {
      yield JSON.stringify([{ messages: one }, { messages: one }]);
    }
    const diagnosis = await diagnoseStream(
      [{ name: "two", chunks: chunks() }],
      { ...options, maxFindings: 0 },
    );
    expect(diagnosis).toMatchObject({ eagerSecondsSaved: 4, findingCount: 2 });
  });

  test("is that of the reads before a write", () => {
    // Three calls in 6 s: call 1 is complete after 2 s and takes 10 s.
    const diagnosis = diagnose(
      messages(
        iso(0),
        iso(6),
        ["get", iso(16)],
        ["put", iso(7)],
        ["get", iso(7)],
      ),
      { reads: ["get"], writes: ["put"] },
    );
    expect(eagerOf(diagnosis)).toEqual([
      { turn: 1, calls: [0], secondsSaved: 4 },
    ]);
  });
});

describe("nothing is said of an early start", () => {
  const slow: Call[] = [
    ["get", iso(14)],
    ["get", iso(5)],
  ];

  test.each<[string, object[], DiagnoseOptions]>([
    ["for a tool of which nothing is said", slowFirst("get"), {}],
    ["for a tool that writes", slowFirst("get"), { writes: ["get"] }],
    [
      "for a tool that is declared not to",
      slowFirst("get"),
      { policies: { get: { readOnly: true, eager: false } } },
    ],
    [
      "for a call behind a write",
      messages(
        iso(0),
        iso(6),
        ["put", iso(7)],
        ["get", iso(16)],
        ["get", iso(7)],
      ),
      { reads: ["get"], writes: ["put"] },
    ],
    [
      "for a call with a reference",
      messages(
        iso(0),
        iso(6),
        ["get", iso(7)],
        ["get", iso(16), { id: "$1.id" }],
        ["get", iso(7)],
      ),
      options,
    ],
    [
      "for a call that comes after others by its policy",
      messages(
        iso(0),
        iso(6),
        ["one", iso(7)],
        ["get", iso(16)],
        ["get", iso(7)],
      ),
      {
        policies: {
          one: { readOnly: true },
          get: { readOnly: true, after: ["one"] },
        },
      },
    ],
    ["for one call", messages(iso(0), iso(4), ["get", iso(14)]), options],
    [
      "where the last call ends last",
      messages(iso(0), iso(4), ["get", iso(14)], ["get", iso(14)]),
      options,
    ],
    [
      "of less than clocks vary",
      messages(iso(0), iso(0.15), ["get", iso(9)], ["get", iso(1)]),
      options,
    ],
  ])("%s", (_, given, own) => {
    const diagnosis = diagnose(given, own);
    expect(eagerOf(diagnosis)).toEqual([]);
    expect(diagnosis).not.toHaveProperty("eagerSecondsSaved");
    expect(formatDiagnosis(diagnosis)).not.toContain("eager");
  });

  test.each<[string, unknown, unknown, unknown, unknown]>([
    ["no times", undefined, undefined, undefined, undefined],
    ["no time of the question", undefined, iso(4), iso(14), iso(5)],
    ["no time of the message", iso(0), undefined, iso(14), iso(5)],
    ["no time of an answer", iso(0), iso(4), iso(14), undefined],
    ["a message before its question", iso(9), iso(4), iso(14), iso(5)],
    ["a message with its question", iso(4), iso(4), iso(14), iso(5)],
    ["an answer before its message", iso(0), iso(4), iso(14), iso(3)],
    ["a day of writing", iso(-86_400), iso(4), iso(14), iso(5)],
    ["a question in the year 1", "0001-01-01T00:00:00Z", iso(4), iso(14), 5],
    ["times that are NaN", Number.NaN, iso(4), iso(14), iso(5)],
    ["times that are no numbers", "NaN", iso(4), iso(14), {}],
    ["huge times", 1e300, 1e301, Number.MAX_VALUE, Number.POSITIVE_INFINITY],
  ])("by a recording with %s", (_, asked, written, first, second) => {
    const given = messages(asked, written, ["get", first], ["get", second]);
    expect(eagerOf(diagnose(given, options))).toEqual([]);
  });

  test("where the time of the message before is not known", () => {
    const [question, ...rest] = messages(iso(0), iso(4), ...slow);
    const given = [
      question!,
      { role: "assistant", content: "Let me see." },
      ...rest,
    ];
    expect(eagerOf(diagnose(given, options))).toEqual([]);
  });

  test("where the calls stand in several messages", () => {
    const [question, asked, ...answers] = messages(iso(0), iso(4), ...slow);
    const calls = (asked as { tool_calls: object[] }).tool_calls;
    const split = calls.map((call) => ({ ...asked, tool_calls: [call] }));
    expect(
      eagerOf(diagnose([question!, ...split, ...answers], options)),
    ).toEqual([]);
  });

  test.each<[string, Trace]>([
    [
      "where calls started before the end of their message",
      { model: [0, 7, iso(2)], calls: pairs },
    ],
    [
      "where calls started much later than their message",
      { model: [0, 3, iso(2)], calls: pairs },
    ],
    [
      "where a call of an unknown tool stands before, and ran later",
      {
        model: [0, 4],
        calls: [
          [5, 6],
          [4, 14],
          [4, 5],
        ],
        first: "put",
      },
    ],
    [
      "where calls ran one by one, which is said instead",
      {
        model: [0, 4],
        calls: [
          [4, 7],
          [7, 9],
        ],
      },
    ],
  ])("%s", async (_, trace) => {
    expect(eagerOf(await traced(trace))).toEqual([]);
  });
});

/** Two calls, of which the first ends last. */
function slowFirst(name: string) {
  return messages(iso(0), iso(4), [name, iso(14)], [name, iso(5)]);
}

describe("an early start is told", () => {
  const diagnosis = diagnose(slowFirst("get"), options);

  test("as text", () => {
    expect(formatDiagnosis(diagnosis)).toBe(
      `1 conversation, 2 calls in 1 turn. No turn could have been saved. Calls that
start while the model writes (\`eager\`) could have saved at most about 2 seconds.

1. conversation 0, message 1

   1. get x 2
      was turn 1
   1 call of turn 1 could have started while the model wrote the message: at
      most about 2 s could be saved

What to change

  - Reads waited until their message was written: with \`eager: true\`, and a
    model that streams, they start while it is being written, if their policies
    say \`readOnly: true\`.

What this claims

  Calls that could have shared a turn needed nothing from each other's outputs,
  and none of them is known to write what another touches. Whether the model
  wanted to see a result before it asked for the next can't be seen in values.
  Reads are safe to have been asked for together all the same; at worst, some
  would not have been needed. What an early start saves is an estimate: it takes
  the calls of a message to be written evenly, from the first token on, or from
  the message before where that is not recorded.`,
    );
  });

  test("as HTML, in the same words", () => {
    const html = diagnosisToHtml(diagnosis);
    expect(html).toContain("could have saved at most about 2 seconds.</p>");
    expect(html).toContain(
      "<li>1 call of turn 1 could have started while the model wrote the message: at most about 2 s could be saved</li>",
    );
    expect(html).toContain("is an estimate: ");
  });

  test("as JSON", () => {
    expect(JSON.parse(JSON.stringify(diagnosis))).toMatchObject({
      eagerSecondsSaved: 2,
      findings: [{ eager: [{ turn: 1, calls: [0], secondsSaved: 2 }] }],
    });
  });
});

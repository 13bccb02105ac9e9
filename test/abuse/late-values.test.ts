import type { ToolMessage } from "@langchain/core/messages";
import {
  type BatchTracer,
  ParallelToolNode,
  type ParallelToolNodeOptions,
  type ToolPolicy,
  write,
} from "parallel-tools-node";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { createAgent } from "langchain";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AGENT_HOSTS, GO, hostAgent, readRun } from "../support/agent-hosts.js";
import { attemptedNode, calls } from "../support/attempted-node.js";
import { httpError } from "../support/attempted-tools.js";
import { settle } from "../support/fake-clock.js";
import { LoggedModel } from "../support/logged-model.js";
import { answerLines, ask, callOf } from "../support/messages.js";
import { silenceWarnings } from "../support/silence-warnings.js";
import { Stage } from "../support/stage.js";

const warn = silenceWarnings();

let unhandled: unknown[];
const note = (error: unknown) => unhandled.push(error);
beforeEach(() => {
  unhandled = [];
  process.on("unhandledRejection", note);
});
afterEach(async () => {
  await settle();
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});

const boom = new Error("a secret of the call");

/** A thenable that isn't a promise, and rejects. */
class Query {
  readonly #ended = Promise.reject<never>(boom);
  // oxlint-disable-next-line no-thenable -- what is tested
  then(onValue: () => unknown, onError: (error: unknown) => unknown) {
    return this.#ended.then(onValue, onError);
  }
}

class Task<Value> extends Promise<Value> {}

/** Values that come later than a policy's function returns. */
const LATE: Readonly<Record<string, () => unknown>> = {
  "a promise": async () => [],
  "a promise that rejects": () => Promise.reject(boom),
  "a promise that rejects after a while": async () => {
    await settle();
    throw boom;
  },
  "a promise of a subclass that rejects": () => Task.reject(boom),
  "a thenable that rejects": () => new Query(),
  "a thenable that throws": () => ({
    // oxlint-disable-next-line no-thenable -- what is tested
    then() {
      throw boom;
    },
  }),
  "a thenable whose then is async and rejects": () => ({
    // oxlint-disable-next-line no-thenable -- what is tested
    async then() {
      throw boom;
    },
  }),
  "a function with then": () =>
    Object.assign(() => 1, {
      // oxlint-disable-next-line no-thenable -- what is tested
      then: (_: unknown, reject: (error: unknown) => void) => reject(boom),
    }),
  "a generator": function* generate() {},
  "an async generator": async function* generate() {},
};
const late = Object.entries(LATE);

const UNPREPARED =
  "error: Not run: the application could not prepare this call. Go on without it, or make it again with other arguments.";
const AT_ONCE =
  /returned (?:a promise|an iterator) where it has to give its value at once/;

/** What the console says, without the name of the library. */
function told(): string[] {
  return warn.mock.calls.map((words) => {
    expect(words).toHaveLength(1);
    return String(words[0]).replace("parallel-tools-node: ", "");
  });
}

function policyOf(field: string, give: () => unknown): ToolPolicy {
  return { [field]: give };
}

it.each(late)(
  "an access function that looks at a reference and gives %s is refused, too",
  async (_, give) => {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("get", "use"), {
      references: true,
      policies: {
        use: { access: (({ x }: { x?: string }) => x && give()) as never },
      },
    });
    await stage.finish("a");
    const run = node.invoke([
      ask(callOf("a", "get"), callOf("b", "use", { x: "$1" })),
    ]) as Promise<ToolMessage[]>;
    expect(answerLines(await run)).toEqual([
      "a ok: a result",
      `b ${UNPREPARED}`,
    ]);
    expect(told()[0]).toMatch("`policies.use.access` returned");
  },
);

const rejecting = () => Promise.reject(boom) as never;

it.each<[string, ToolPolicy]>([
  ["access", { access: () => [write(rejecting())] }],
  ["resources", { resources: () => [rejecting()] }],
])("a promise that rejects inside what %s gives is heard of", async (_, t) => {
  const node = new ParallelToolNode(new Stage().tools("t"), {
    policies: { t },
  });
  const run = node.invoke([ask(callOf("a", "t"))]);
  expect(answerLines(await run)).toEqual([`a ${UNPREPARED}`]);
});

describe.each(["access", "resources", "cost"])("%s", (field) => {
  it.each(late)("that gives %s is refused at once", async (_, give) => {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("t", "other"), {
      policies: { t: policyOf(field, give) },
    });
    await stage.finish("b");
    const run = node.invoke([ask(callOf("a", "t"), callOf("b", "other"))]);
    expect(answerLines(await run)).toEqual([
      `a ${UNPREPARED}`,
      "b ok: b result",
    ]);
    expect(stage.log).toEqual(["b start", "b end"]);
    const [text, ...more] = told();
    expect(more).toEqual([]);
    expect(text).toMatch(`\`policies.t.${field}\` returned`);
    expect(text).toMatch(AT_ONCE);
  });

  it.each(late)(
    "of a default policy that gives %s is thrown where errors are",
    async (_, give) => {
      const stage = new Stage();
      const node = new ParallelToolNode(stage.tools("t"), {
        defaultPolicy: policyOf(field, give),
        handleToolErrors: false,
      });
      const run = node.invoke([ask(callOf("a", "t"))]);
      await expect(run).rejects.toMatchObject({
        name: "PolicyFunctionError",
        option: `defaultPolicy.${field}`,
        message: expect.stringMatching(AT_ONCE),
      });
      expect(told()).toEqual([]);
    },
  );

  it.each(AGENT_HOSTS)("that is async is refused in %s", async (host) => {
    const stage = new Stage();
    const turn = [callOf("a", "t", { word: "private" })];
    const model = new LoggedModel("main", [turn], []);
    const agent = hostAgent(host, model, stage.tools("t"), {
      policies: { t: policyOf(field, () => Promise.reject(boom)) },
    });
    const { messages } = await agent.invoke(GO);
    expect(readRun(messages)).toEqual({
      answers: [`a ${UNPREPARED}`],
      last: "ai: done",
    });
    expect(told()).toHaveLength(1);
    expect(told()[0]).not.toMatch(/private|secret/);
  });

  it("that is async ends a run of createAgent with its error where errors are thrown", async () => {
    const stage = new Stage();
    const agent = createAgent({
      model: new LoggedModel("main", [[callOf("a", "t")]], []),
      tools: stage.tools("t"),
      middleware: [
        parallelToolsMiddleware({
          policies: { t: policyOf(field, async () => 1) },
          handleToolErrors: false,
        }),
      ],
    } as never);
    const error: unknown = await agent
      .invoke(GO as never)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "PolicyFunctionError" });
    expect(told()).toEqual([]);
  });
});

describe("retryOn", () => {
  const broken = { throws: new Error("broken") };
  const withRetryOn = (
    retryOn: unknown,
    options: ParallelToolNodeOptions = {},
  ) => {
    const retry = { initialInterval: 1, retryOn, logWarning: false };
    const policies = { t: { retry } as ToolPolicy };
    return attemptedNode({ a: [broken] }, { policies, ...options });
  };

  it.each(late)(
    "that gives %s has the call not run again, and is told once",
    async (_, give) => {
      const { node, stage } = withRetryOn(give);
      for (const __ of [1, 2]) {
        const answers = answerLines(await node.invoke(calls("a")));
        expect(answers).toEqual([
          "a error: Error: broken\n Please fix your mistakes.",
        ]);
      }
      expect(stage.starts).toHaveLength(2);
      const [text, ...more] = told();
      expect(more).toEqual([]);
      expect(text).toMatch("`policies.t.retry.retryOn` returned");
      expect(text).toMatch(AT_ONCE);
      expect(text).toMatch(/, so the call is not run again\.$/);
    },
  );

  it("that throws is told by its text, and the tool's own error is thrown", async () => {
    const fails = () => {
      throw Object.assign(new Error("no field"), { token: "secret" });
    };
    const { node } = withRetryOn(fails, { handleToolErrors: false });
    await expect(node.invoke(calls("a"))).rejects.toBe(broken.throws);
    expect(told()).toEqual([
      '`policies.t.retry.retryOn` threw "no field", so the call is not run again.',
    ]);
  });

  it("of a default policy is named as such", async () => {
    const retry = { retryOn: async () => true } as never;
    const { node } = withRetryOn(undefined, {
      policies: {},
      defaultPolicy: { retry },
    });
    await node.invoke(calls("a"));
    expect(told()[0]).toMatch("`defaultPolicy.retry.retryOn` returned");
  });
});

describe("feedback", () => {
  const refused = { throws: httpError(429) };
  const withFeedback = (
    feedback: unknown,
    options: ParallelToolNodeOptions = {},
  ) =>
    attemptedNode(
      { a: [refused] },
      { policies: { t: { feedback } as ToolPolicy }, ...options },
    );

  it.each(late)(
    "that gives %s has said nothing, and is told once",
    async (_, give) => {
      const { node, stage } = withFeedback(give);
      for (const __ of [1, 2]) {
        const answers = answerLines(await node.invoke(calls("a")));
        expect(answers).toEqual([
          "a error: Error: HTTP 429\n Please fix your mistakes.",
        ]);
      }
      expect(stage.starts).toHaveLength(2);
      const [text, ...more] = told();
      expect(more).toEqual([]);
      expect(text).toMatch("`policies.t.feedback` returned");
      expect(text).toMatch(AT_ONCE);
      expect(text).toMatch(/, so the server has said nothing there\.$/);
    },
  );

  it("that throws is told by its text, and the tool's own error is thrown", async () => {
    const fails = () => {
      throw new Error("no headers");
    };
    const { node } = withFeedback(fails, { handleToolErrors: false });
    await expect(node.invoke(calls("a"))).rejects.toBe(refused.throws);
    expect(told()).toEqual([
      '`policies.t.feedback` threw "no headers", so the server has said nothing there.',
    ]);
  });

  it.each([
    ["limited", "returned a string where an object is due"],
    [{ limited: 1 }, "returned a number as `limited` where a boolean is due"],
    [
      { limited: false, retryAfterMs: "1s" },
      "returned a string as `retryAfterMs` where a finite number of at least 0 is due",
    ],
    [
      { limited: false, resetMs: Number.NaN },
      "returned a number as `resetMs` where a finite number of at least 0 is due",
    ],
  ])("that gives %j is told", async (said, problem) => {
    const { node } = withFeedback(() => said);
    await node.invoke(calls("a"));
    expect(told()).toEqual([
      `\`policies.t.feedback\` ${problem}, so the server has said nothing there.`,
    ]);
  });

  it("that gives what can't be read is told", async () => {
    const { node } = withFeedback(() => ({
      get limited() {
        throw boom;
      },
    }));
    await node.invoke(calls("a"));
    expect(told()).toEqual([
      "`policies.t.feedback` returned what can't be read, so the server has said nothing there.",
    ]);
  });

  it.each([undefined, null, { limited: false }, {}])(
    "that gives %j is nothing to tell",
    async (said) => {
      const { node } = withFeedback(() => said);
      await node.invoke(calls("a"));
      expect(told()).toEqual([]);
    },
  );
});

describe("sequential", () => {
  it.each(late)(
    "that gives %s is a ConfigurationError before any call runs",
    async (_, give) => {
      const stage = new Stage();
      const node = new ParallelToolNode(stage.tools("t"), {
        sequential: give as never,
      });
      await expect(node.invoke([ask(callOf("a", "t"))])).rejects.toMatchObject({
        name: "ConfigurationError",
        option: "sequential",
      });
      expect(stage.log).toEqual([]);
    },
  );
});

describe("a tracer", () => {
  async function runWith(tracer: BatchTracer) {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("t"), { tracer });
    await stage.finish("a");
    const answers = answerLines(await node.invoke([ask(callOf("a", "t"))]));
    expect(answers).toEqual(["a ok: a result"]);
    await settle();
    return warn.mock.calls;
  }

  it("whose steps reject is a warning for each of them", async () => {
    const trace = {
      runCall: async (_: unknown, run: () => void) => {
        run();
        throw boom;
      },
      endCall: () => Promise.reject(boom),
      end: () => new Query() as never,
    };
    const steps = ["tracer.runCall", "tracer.endCall", "tracer.end"];
    expect(await runWith({ begin: () => trace })).toEqual(
      steps.map((step) => [`parallel-tools-node: \`${step}\` failed.`, boom]),
    );
  });

  it.each([
    ["a trace", async () => ({ runCall() {}, endCall() {}, end() {} })],
    ["what rejects", () => Promise.reject(boom)],
  ])("that promises %s is told to give it at once", async (_, begin) => {
    expect(await runWith({ begin: begin as never })).toEqual([
      [
        "parallel-tools-node: `tracer.begin` failed.",
        new TypeError(
          "It has to return a trace at once, not a promise of one.",
        ),
      ],
    ]);
  });
});

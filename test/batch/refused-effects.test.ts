import { ToolMessage } from "@langchain/core/messages";
import { RunnableLambda } from "@langchain/core/runnables";
import { ParallelToolNode, type ToolPolicy } from "parallel-tools-node";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import {
  answersOf,
  attemptedNode,
  calls,
  finish,
  playTime,
} from "../support/attempted-node.js";
import {
  AttemptedTools,
  httpError,
  refusedFor,
} from "../support/attempted-tools.js";
import { ask, callOf } from "../support/messages.js";
import { silenceWarnings } from "../support/silence-warnings.js";

const refused = refusedFor(2);
const ok = {};
const quiet = { jitter: false, logWarning: false };

playTime();

const warn = silenceWarnings();

const setUp = (policy: ToolPolicy, attempts: readonly object[]) =>
  attemptedNode({ a: attempts }, { policies: { t: policy } });

const CAUTIOUS =
  "The server takes no more calls for now (attempts made: 1). The call may have taken effect all the same: find out before you make it again, in 2 s at the earliest, and go on with something else until then.";
const REPEATABLE =
  "The server takes no more calls for now (attempts made: 1). Make this call again in 2 s at the earliest, and go on with something else until then.";

describe("a refused call of a tool that may have side effects", () => {
  it.each<[string, ToolPolicy]>([
    ["an empty policy", {}],
    ["a cap", { concurrency: 1 }],
    ["a time limit", { timeoutMs: 60_000 }],
    ["marks that are false", { readOnly: false, idempotent: false }],
    ["retry: false", { retry: false }],
  ])("is not run again, with %s", async (_, policy) => {
    const { stage, node } = setUp(policy, [refused, ok]);
    expect(await answersOf(node.invoke(calls("a")))).toEqual([
      `a error: Error: HTTP 429\n ${CAUTIOUS}`,
    ]);
    expect(stage.starts).toEqual(["a 0"]);
  });

  it.each([429, 503])("is not run again after a %d", async (status) => {
    const throws = httpError(status, { "Retry-After": "2" });
    const { stage, node } = setUp({}, [{ throws }, ok]);
    expect(await answersOf(node.invoke(calls("a")))).toEqual([
      `a error: Error: HTTP ${status}\n ${CAUTIOUS}`,
    ]);
    expect(stage.starts).toEqual(["a 0"]);
  });

  it("is not run again when its own feedback function says that it was refused", async () => {
    const feedback = () => ({ limited: true, retryAfterMs: 2_000 });
    const { stage, node } = setUp({ feedback }, [
      { throws: new Error("busy") },
      ok,
    ]);
    expect(await answersOf(node.invoke(calls("a")))).toEqual([
      `a error: Error: busy\n ${CAUTIOUS}`,
    ]);
    expect(stage.starts).toEqual(["a 0"]);
  });

  it("is not run again when the refusal is the artifact of an error answer", async () => {
    const artifact = { status: 429, headers: { "Retry-After": "2" } };
    const returns = new ToolMessage({
      status: "error",
      content: "the quota is used up",
      tool_call_id: "a",
      artifact,
    });
    const { stage, node } = setUp({}, [{ returns }, ok]);
    const [answer] = await finish(node.invoke(calls("a")));
    expect(answer).toMatchObject({
      status: "error",
      content: `the quota is used up\n ${CAUTIOUS}`,
      artifact,
    });
    expect(stage.starts).toEqual(["a 0"]);
  });

  it("is thrown at once where errors are thrown", async () => {
    const { stage, node } = attemptedNode(
      { a: [refused, ok] },
      { handleToolErrors: false },
    );
    await expect(answersOf(node.invoke(calls("a")))).rejects.toBe(
      refused.throws,
    );
    expect(stage.starts).toEqual(["a 0"]);
  });

  it("closes the resource for all tools that share it", async () => {
    const { stage, node } = attemptedNode(
      { a: [refused] },
      {
        resources: { bank: {} },
        policies: { t: { resources: "bank" }, u: { resources: "bank" } },
      },
    );
    await answersOf(node.invoke(calls("a")));
    await answersOf(node.invoke([ask(callOf("b", "u"))]));
    expect(stage.starts).toEqual(["a 0", "b 2000"]);
  });

  it("ends in its turn, so that what depends on it is told", async () => {
    const { stage, node } = attemptedNode(
      { a: [refused] },
      { policies: { t: {}, u: { after: ["t"] } } },
    );
    const run = node.invoke([ask(callOf("a", "t"), callOf("b", "u"))]);
    expect((await answersOf(run))[1]).toMatch(/^b error: Not run: .*call 1/);
    expect(stage.starts).toEqual(["a 0"]);
  });
});

describe("a refused call of a tool that may be run again", () => {
  it.each<[string, ToolPolicy]>([
    ["readOnly", { readOnly: true }],
    ["idempotent", { idempotent: true }],
    ["retry", { retry: quiet }],
  ])("is run again, by %s", async (_, policy) => {
    const { stage, node } = setUp(policy, [refused, ok]);
    expect(await answersOf(node.invoke(calls("a")))).toEqual([
      "a ok: a result",
    ]);
    expect(stage.starts).toEqual(["a 0", "a 2000"]);
    expect(warn).not.toHaveBeenCalled();
  });

  it("is run again by a hint of its MCP server, where there is a policy", async () => {
    const stage = new AttemptedTools({ a: [refused, ok] });
    const metadata = { annotations: { readOnlyHint: true } };
    const node = new ParallelToolNode([stage.tool("t", metadata)], {
      policies: { t: {} },
    });
    await finish(node.invoke(calls("a")));
    expect(stage.starts).toEqual(["a 0", "a 2000"]);
  });

  it("is not said to have taken effect, where its owner forbids the second run", async () => {
    const { stage, node } = setUp({ readOnly: true, retry: false }, [refused]);
    expect(await answersOf(node.invoke(calls("a")))).toEqual([
      `a error: Error: HTTP 429\n ${REPEATABLE}`,
    ]);
    expect(stage.starts).toEqual(["a 0"]);
  });

  it("may have taken effect, where only retry has let it be run again", async () => {
    const retry = { ...quiet, maxAttempts: 2 };
    const { stage, node } = setUp({ retry }, [refused]);
    expect(await answersOf(node.invoke(calls("a")))).toEqual([
      `a error: Error: HTTP 429\n ${CAUTIOUS.replace("made: 1", "made: 2")}`,
    ]);
    expect(stage.starts).toEqual(["a 0", "a 2000"]);
  });

  it.each<[boolean, readonly string[]]>([
    [true, ["a 0", "a 2000"]],
    [false, ["a 0"]],
  ])("is run again as its retryOn says: %s", async (agrees, starts) => {
    const retryOn = vi.fn<(error: unknown) => boolean>(() => agrees);
    const { stage, node } = setUp({ retry: { ...quiet, retryOn } }, [
      refused,
      ok,
    ]);
    await answersOf(node.invoke(calls("a")));
    expect(stage.starts).toEqual(starts);
    expect(retryOn.mock.calls).toEqual([[refused.throws]]);
    expect(warn).not.toHaveBeenCalled();
  });
});

describe("the warning that a refused call was not run again", () => {
  const words = (name: string) =>
    `parallel-tools-node: a call of \`${name}\` was refused by its server and was not run again, since it may have taken effect before that. If \`${name}\` may be run twice, its policy can say so: \`readOnly: true\`, \`idempotent: true\` or a \`retry\`. \`retry: false\` says that it may not, and ends this warning.`;

  it("is given once per tool of a node", async () => {
    const script = { a: [refused], b: [refused], c: [refused], d: [refused] };
    const options = { policies: { t: {} }, defaultPolicy: {} };
    const { stage, node } = attemptedNode(script, options);
    await finish(node.invoke([ask(callOf("a", "t"), callOf("b", "t"))]));
    await finish(node.invoke([ask(callOf("c", "t"), callOf("d", "u"))]));
    expect(warn.mock.calls).toEqual([[words("t")], [words("u")]]);
    const other = new ParallelToolNode(stage.tools("t"), options);
    await finish(other.invoke(calls("a")));
    expect(warn.mock.calls.slice(2)).toEqual([[words("t")]]);
  });

  it("is given where errors are thrown, too", async () => {
    const { node } = attemptedNode(
      { a: [refused] },
      { handleToolErrors: false },
    );
    await expect(finish(node.invoke(calls("a")))).rejects.toThrow("HTTP 429");
    expect(warn.mock.calls).toEqual([[words("t")]]);
  });

  it.each<[string, ToolPolicy, number]>([
    ["its owner has said retry: false", { retry: false }, 2],
    ["its owner's retryOn says no", { retry: { retryOn: () => false } }, 2],
    ["the server asks for too long a pause", {}, 3_600],
  ])("is not given where %s", async (_, policy, seconds) => {
    const { stage, node } = setUp(policy, [refusedFor(seconds)]);
    await finish(node.invoke(calls("a")));
    expect(stage.starts).toEqual(["a 0"]);
    expect(warn).not.toHaveBeenCalled();
  });

  it("is not given for a tool without any policy", async () => {
    const { node } = attemptedNode({ a: [refused] });
    await finish(node.invoke([ask(callOf("a", "u"))]));
    expect(warn).not.toHaveBeenCalled();
  });

  it("is not given for a tool that runs itself again", async () => {
    const flaky = RunnableLambda.from(() => {
      throw refused.throws;
    })
      .withRetry({ stopAfterAttempt: 1 })
      .asTool({ name: "t", description: "-", schema: z.looseObject({}) });
    const node = new ParallelToolNode([flaky as never], {
      policies: { t: {} },
    });
    await finish(node.invoke(calls("a")));
    expect(warn).not.toHaveBeenCalled();
  });
});

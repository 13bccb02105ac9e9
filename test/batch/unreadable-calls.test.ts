import { AIMessage, ToolMessage } from "@langchain/core/messages";
import { ParallelToolNode, type ReferencesOption } from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import {
  pointsPastUnreadable,
  unresolvedReference,
} from "@/answers/unresolved-reference.js";
import { UnresolvedReferenceError } from "@/errors/unresolved-reference-error.js";
import { answerLines, callOf } from "../support/messages.js";
import { NotingTools } from "../support/noting-tools.js";

type Call = ReturnType<typeof callOf>;

const get = (id: string, x?: unknown) =>
  callOf(id, "get", x === undefined ? {} : { x });

/** LangChain takes calls out of a message that it can't read. */
const UNREADABLE = {
  type: "invalid_tool_call" as const,
  id: "bad",
  name: "get",
  args: '{"x": ',
  error: "Malformed args.",
};

/** Of a message that held `count` more calls, somewhere. */
async function play(
  calls: readonly Call[],
  count = 1,
  references: boolean | ReferencesOption = true,
) {
  const stage = new NotingTools();
  const node = new ParallelToolNode(stage.tools("get"), { references });
  const message = new AIMessage({
    content: "",
    tool_calls: [...calls],
    invalid_tool_calls: Array.from({ length: count }, () => UNREADABLE),
  });
  const answers = (await node.invoke([message])) as ToolMessage[];
  return { answers: answerLines(answers), given: stage.given };
}

function uncounted(id: string, text: string): string {
  const { problem, advice } = pointsPastUnreadable();
  const error = new UnresolvedReferenceError(text, problem, [], advice);
  return `${id} error: ${unresolvedReference(error)}`;
}

describe("references of a message of which calls could not be read", () => {
  it("are errors, since they would count wrong, and the others run", async () => {
    const { answers, given } = await play([
      get("a"),
      get("b", "$1"),
      get("c", { y: ["${1.id}"] }),
      get("d"),
    ]);
    expect(answers).toEqual([
      "a ok: a result",
      uncounted("b", "$1"),
      uncounted("c", "${1.id}"),
      "d ok: d result",
    ]);
    expect(given.map(([id]) => id)).toEqual(["a", "d"]);
  });

  it("may be what an amount looks like, as far as there were calls", async () => {
    const calls = [get("a"), get("b", "$5"), get("c", "$6")];
    expect((await play(calls, 0)).answers[1]).toBe("b ok: b result");
    expect((await play(calls, 2)).answers).toEqual([
      "a ok: a result",
      uncounted("b", "$5"),
      "c ok: c result",
    ]);
  });

  it("in a text are errors, too, and escapes are none", async () => {
    const { answers, given } = await play(
      [get("a"), get("b", "the ${1}"), get("c", "the $${1}")],
      1,
      { embedded: true },
    );
    expect(answers[1]).toBe(uncounted("b", "${1}"));
    expect(given.at(-1)).toEqual(["c", { x: "the ${1}" }]);
  });

  it("sent on their own are errors, too", async () => {
    const stage = new NotingTools();
    const node = new ParallelToolNode(stage.tools("get"), { references: true });
    const second = get("b", "$1");
    const message = new AIMessage({
      content: "",
      tool_calls: [get("a"), second],
      invalid_tool_calls: [UNREADABLE],
    });
    const a = new ToolMessage({ content: "done", tool_call_id: "a" });
    const { messages } = (await node.invoke({
      messages: [message, a],
      lg_tool_call: second,
    })) as { messages: ToolMessage[] };
    expect(answerLines(messages)).toEqual([uncounted("b", "$1")]);
  });

  it("are anything where references are off", async () => {
    const { given } = await play([get("a"), get("b", "$1")], 1, false);
    expect(given.at(-1)).toEqual(["b", { x: "$1" }]);
  });
});

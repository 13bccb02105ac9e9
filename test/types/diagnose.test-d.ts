import {
  MemorySaver,
  MessagesAnnotation,
  StateGraph,
} from "@langchain/langgraph";
import { expectTypeOf, test } from "vitest";
import { write } from "parallel-tools-node";
import {
  type Diagnosis,
  type EagerStart,
  diagnose,
  diagnoseStream,
  diagnoseThread,
  type Finding,
  type NeedReason,
  UnreadableConversationError,
} from "parallel-tools-node/diagnose";

test("messages of any format are taken, and options say what is known", () => {
  expectTypeOf(
    diagnose([{ role: "user", content: "" }]),
  ).toEqualTypeOf<Diagnosis>();
  diagnose([], {
    reads: ["get"],
    policies: { put: { access: ({ key }: { key: string }) => [write(key)] } },
  });
  // @ts-expect-error -- there is no such option
  diagnose([], { read: ["get"] });
  // @ts-expect-error -- a text is no list of messages
  diagnose("messages");
});

test("a compiled graph is one with a history", () => {
  const graph = new StateGraph(MessagesAnnotation)
    .addNode("agent", () => ({ messages: [] }))
    .addEdge("__start__", "agent")
    .compile({ checkpointer: new MemorySaver() });
  expectTypeOf(
    diagnoseThread(graph, { configurable: { thread_id: "1" } }),
  ).resolves.toEqualTypeOf<Diagnosis>();
  // @ts-expect-error -- a thread has to be named
  void diagnoseThread(graph);
});

test("a stream is text or bytes that come in pieces", () => {
  const chunks = (async function* () {
    yield "[]";
  })();
  expectTypeOf(
    diagnoseStream([{ name: "a.json", chunks }]),
  ).resolves.toEqualTypeOf<Diagnosis>();
});

test("findings tell their evidence", () => {
  expectTypeOf<
    Finding["calls"][number]["needs"][number]["reason"]
  >().toEqualTypeOf<NeedReason>();
  expectTypeOf<Finding["secondsSaved"]>().toEqualTypeOf<number | undefined>();
  expectTypeOf<Finding["eager"]>().toEqualTypeOf<readonly EagerStart[]>();
  expectTypeOf<Diagnosis["eagerSecondsSaved"]>().toEqualTypeOf<
    number | undefined
  >();
});

test("an UnreadableConversationError says where", () => {
  const error: unknown = undefined;
  if (UnreadableConversationError.isInstance(error)) {
    expectTypeOf(error.place).toBeString();
  }
});

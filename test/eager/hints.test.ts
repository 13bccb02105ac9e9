import { createReactAgent } from "@langchain/langgraph/prebuilt";
import { ParallelToolNode, withEager } from "parallel-tools-node";
import { expect, test, vi } from "vitest";
import { silenceWarnings } from "../support/silence-warnings.js";
import { EAGER_HOSTS } from "./support/hosts.js";
import { play } from "./support/play.js";
import { StreamingModel } from "./support/streaming-model.js";
import { timedTool } from "./support/timed-tools.js";
import { useFakeTimers } from "./support/use-fake-timers.js";
import { writeTurn } from "./support/write-turn.js";

useFakeTimers();
const warn = silenceWarnings();

const turn = (...ids: string[]) =>
  writeTurn(ids.map((id) => ({ id, name: "look", args: { text: id } })));

test.each(EAGER_HOSTS)(
  "says once that no tool may start early: %s",
  async (host) => {
    const { log } = await play(
      host,
      {
        turns: [turn("a", "b", "c"), turn("d", "e", "f")],
        tools: (note) => [timedTool("look", note, 20)],
        options: { policies: { look: { idempotent: true } } },
      },
      true,
    );
    expect(log.filter((line) => line.endsWith("starts"))).toHaveLength(6);
    const said = warn.mock.calls.map(([text]) => String(text));
    expect(said.filter((text) => text.includes("`eager` is on"))).toEqual([
      "parallel-tools-node: `eager` is on, and no policy of a tool says `readOnly: true`, so no call starts early: `eager: true` in a policy isn't enough. Say `readOnly: true` of the tools that change nothing.",
    ]);
  },
);

test.each(EAGER_HOSTS)(
  "says that all tools are opted out: %s",
  async (host) => {
    await play(
      host,
      {
        turns: [turn("a", "b")],
        tools: (note) => [timedTool("look", note, 20)],
        options: { policies: { look: { readOnly: true, eager: false } } },
      },
      true,
    );
    const said = warn.mock.calls.map(([text]) => String(text));
    expect(said.filter((text) => text.includes("`eager` is on"))).toEqual([
      "parallel-tools-node: `eager` is on, and each policy with `readOnly: true` says `eager: false`, so no call starts early. Leave out one of the two, or the option.",
    ]);
  },
);

const NODE_OPTIONS = {
  eager: true,
  policies: { look: { readOnly: true } },
} as const;

/** An agent whose node is not, or perhaps not, the one that `withEager` is given. */
async function misuse(isListened: boolean): Promise<string[]> {
  const tools = () => [timedTool("look", () => {}, 20)];
  const node = new ParallelToolNode(tools(), NODE_OPTIONS);
  const other = new ParallelToolNode(tools(), NODE_OPTIONS);
  const model = new StreamingModel([turn("a", "b")]);
  const agent = createReactAgent({
    llm: isListened ? withEager(model, other) : model,
    tools: node,
  });
  const run = agent.invoke({ messages: [{ role: "user", content: "Go." }] });
  await vi.advanceTimersByTimeAsync(10_000);
  await run;
  return warn.mock.calls.map(([text]) => String(text));
}

test("says that no model is listened to", async () => {
  expect(await misuse(false)).toEqual([
    "parallel-tools-node: `eager` is on, and no model is listened to, so no call starts early. Give the model that writes the calls to `withEager(model, node)`, and ask it with `invoke`.",
  ]);
});

test("says that another node runs the calls", async () => {
  expect(await misuse(true)).toEqual([
    "parallel-tools-node: `eager` is on, and no model is listened to, so no call starts early. Give the model that writes the calls to `withEager(model, node)`, and ask it with `invoke`.",
    "parallel-tools-node: `eager` is on, and calls that had started early never came, so they may have run twice. Give `withEager` the very node that runs the calls of its model.",
  ]);
});

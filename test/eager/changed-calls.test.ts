import { AIMessage, isAIMessage, ToolMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import { createMiddleware } from "langchain";
import { describe, expect, test } from "vitest";
import { expectSame } from "./support/compare.js";
import { AGENTS, type Middleware } from "./support/hosts.js";
import type { Log, Scene } from "./support/play.js";
import { timedTool } from "./support/timed-tools.js";
import { useFakeTimers } from "./support/use-fake-timers.js";
import { writeTurn } from "./support/write-turn.js";

useFakeTimers();

const CALLS = ["a", "b", "c"].map((id) => ({
  id,
  name: "look",
  args: { text: id },
}));

function sceneWith(
  middleware: (log: Log) => unknown,
  place: "before" | "behind",
): Scene {
  return {
    turns: [writeTurn(CALLS)],
    tools: (log) => [
      timedTool("look", log, 20, ({ writer }, text) =>
        writer?.({ call: text }),
      ),
    ],
    options: { policies: { look: { readOnly: true, retry: false } } },
    [place]: (log: Log) => [middleware(log) as Middleware],
  };
}

/** Changes the message of the model when it is there. */
function afterModel(
  change: (calls: ToolCall[]) => ToolCall[],
  more: object[] = [],
) {
  return createMiddleware({
    name: "Changes",
    afterModel: ({ messages }) => {
      const last = messages.at(-1);
      if (last === undefined || !isAIMessage(last)) return;
      if (!last.tool_calls?.length) return;
      const message = new AIMessage({
        content: last.content,
        ...(last.id && { id: last.id }),
        tool_calls: change(last.tool_calls),
      });
      return { messages: [message, ...more] as never };
    },
  });
}

const edit = (call: ToolCall): ToolCall =>
  call.id === "a" ? { ...call, args: { text: "edited" } } : call;

const CHANGES: Record<string, (log: Log) => unknown> = {
  "edits arguments in afterModel": () => afterModel((calls) => calls.map(edit)),
  "drops the first call in afterModel": () =>
    afterModel((calls) => calls.slice(1)),
  "turns the order of calls in afterModel": () =>
    afterModel((calls) => calls.toReversed()),
  "drops all calls in afterModel": () => afterModel(() => []),
  "adds a call in afterModel": () =>
    afterModel((calls) => [{ ...calls[0]!, id: "d" }, ...calls]),
  "answers a call in afterModel": () =>
    afterModel(
      (calls) => calls,
      [new ToolMessage({ content: "mine", tool_call_id: "a", name: "look" })],
    ),
  "edits arguments in wrapToolCall": () =>
    createMiddleware({
      name: "Edits",
      wrapToolCall: (request, handler) =>
        handler({ ...request, toolCall: edit(request.toolCall) }),
    }),
  "edits arguments of the same object in wrapToolCall": () =>
    createMiddleware({
      name: "Mutates",
      wrapToolCall: (request, handler) => {
        if (request.toolCall.id === "a") request.toolCall.args["text"] = "new";
        return handler(request);
      },
    }),
  "answers a call in wrapToolCall": () =>
    createMiddleware({
      name: "Answers",
      wrapToolCall: (request, handler) =>
        request.toolCall.id === "a"
          ? new ToolMessage({ content: "mine", tool_call_id: "a" })
          : handler(request),
    }),
  "runs calls twice in wrapToolCall": () =>
    createMiddleware({
      name: "Twice",
      wrapToolCall: async (request, handler) => {
        await handler(request);
        return handler(request);
      },
    }),
  "throws in wrapToolCall": () =>
    createMiddleware({
      name: "Throws",
      wrapToolCall: (request, handler) => {
        if (request.toolCall.id === "b") throw new Error("not this one");
        return handler(request);
      },
    }),
  "gives another tool in wrapToolCall": (log) =>
    createMiddleware({
      name: "Swaps",
      wrapToolCall: (request, handler) =>
        handler({
          ...request,
          tool: timedTool("look", (line) => log(`other ${line}`), 5) as never,
        }),
    }),
  "changes the answer in wrapToolCall": () =>
    createMiddleware({
      name: "Rewrites",
      wrapToolCall: async (request, handler) => {
        const answer = (await handler(request)) as ToolMessage;
        return new ToolMessage({
          content: `<${answer.text}>`,
          tool_call_id: answer.tool_call_id,
        });
      },
    }),
  "jumps to the end in afterModel": () =>
    createMiddleware({
      name: "Jumps",
      afterModel: {
        canJumpTo: ["end"],
        hook: () => ({ jumpTo: "end" as const }),
      },
    }),
  "jumps to the model in afterModel": () => {
    let jumps = 0;
    return createMiddleware({
      name: "JumpsBack",
      afterModel: {
        canJumpTo: ["model"],
        hook: ({ messages }) => {
          jumps += 1;
          if (jumps > 1) return;
          const calls = (messages.at(-1) as AIMessage).tool_calls ?? [];
          return {
            jumpTo: "model" as const,
            messages: calls.map(
              ({ id }) =>
                new ToolMessage({ content: "later", tool_call_id: id ?? "" }),
            ),
          };
        },
      },
    });
  },
  "gives another message in wrapModelCall": () =>
    createMiddleware({
      name: "OtherMessage",
      wrapModelCall: async (request, handler) => {
        const answer = await handler(request);
        return new AIMessage({
          content: "mine",
          tool_calls: (answer.tool_calls ?? []).map((call) => edit(call)),
        });
      },
    }),
  "asks the model twice in wrapModelCall": () =>
    createMiddleware({
      name: "AsksTwice",
      wrapModelCall: async (request, handler) => {
        const answer = await handler(request);
        if (!answer.tool_calls?.length) return answer;
        await handler(request);
        return answer;
      },
    }),
};

describe.each(AGENTS)("in %s", (host) => {
  describe.each(["before", "behind"] as const)(
    "middleware %s ours",
    (place) => {
      test.each(Object.keys(CHANGES))(
        "%s and sees what it sees without eager start",
        async (name) => {
          const scene = sceneWith(CHANGES[name]!, place);
          const { eager } = await expectSame(host, scene, {
            // What has ended can't be aborted any more.
            of: name === "throws in wrapToolCall" ? "state" : "all",
            // An early run waits so long for a call that may still come.
            leavesTimers: true,
          });
          expect(eager.log[0]).toBe("25 look a starts");
        },
      );
    },
  );
});

import type { AIMessage, ToolMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import type { StructuredTool } from "@langchain/core/tools";
import {
  GraphInterrupt,
  isGraphInterrupt,
  type MessagesAnnotation,
  task,
} from "@langchain/langgraph";
import { createMiddleware } from "langchain";

type State = typeof MessagesAnnotation.State;

/**
 * A node that a user can write without this library: each call is a `task()`, so
 * that it isn't run again, and all questions are thrown as one interrupt.
 *
 * @param inOrder whether each call waits for the one before
 */
export function createTaskNode(
  tools: readonly StructuredTool[],
  inOrder: (call: ToolCall) => boolean,
) {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  return async ({ messages }: State): Promise<{ messages: ToolMessage[] }> => {
    const { tool_calls: calls = [] } = messages.at(-1) as AIMessage;
    let last: Promise<unknown> = Promise.resolve();
    const results = await Promise.allSettled(
      calls.map((call) => {
        const run = task(
          { name: call.name },
          () =>
            byName
              .get(call.name)!
              .invoke({ ...call, type: "tool_call" }) as Promise<ToolMessage>,
        );
        if (!inOrder(call)) return run();
        const ended = last.then(() => run());
        last = ended.catch(() => {});
        return ended;
      }),
    );
    const errors = results.flatMap((result) =>
      result.status === "rejected" ? [result.reason as unknown] : [],
    );
    const failed = errors.find((error) => !isGraphInterrupt(error));
    if (failed !== undefined) throw failed;
    if (errors.length > 0) {
      const questions = errors.filter(isGraphInterrupt);
      throw new GraphInterrupt(questions.flatMap((one) => one.interrupts));
    }
    return {
      messages: results.map(
        (result) => (result as PromiseFulfilledResult<ToolMessage>).value,
      ),
    };
  };
}

/** The same for an agent of `createAgent`, whose node nobody can replace. */
export function createTaskMiddleware(inOrder: (call: ToolCall) => boolean) {
  // The end of the last call that was seen of each message.
  const ends = new WeakMap<object, Promise<unknown>>();
  return createMiddleware({
    name: "tasks",
    wrapToolCall: (request, handler) => {
      const run = async () => {
        const { name } = request.toolCall;
        return task({ name }, async () => handler(request))();
      };
      if (!inOrder(request.toolCall)) return run();
      const message = request.state.messages.at(-1) as object;
      const ended = (ends.get(message) ?? Promise.resolve()).then(() => run());
      ends.set(
        message,
        ended.catch(() => {}),
      );
      return ended;
    },
  });
}

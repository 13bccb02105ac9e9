import { type BaseMessage, isAIMessage } from "@langchain/core/messages";
import type { ToolCallHandler, ToolCallRequest } from "langchain";
import { attempt } from "../limits/feedback/attempt.js";
import { isMisspelling, isNearMiss } from "./near-miss.js";
import type { HookCaller } from "./neighbours.js";

/**
 * Says once of a policy that its name may be a misspelling: when a tool without a
 * policy is called whose name is nearly that, and no call has had the name of the
 * policy so far. All tools of an agent are known to no hook for tool calls, so a
 * name that is like none of them is not found.
 */
export class PolicyNameHints {
  /** Names of policies that no call has had so far. */
  readonly #open: Set<string>;
  /** Tools without a policy that have been called. */
  readonly #called = new Set<string>();

  /** @param policies the names that policies were given for */
  constructor(policies: readonly string[]) {
    this.#open = new Set(policies);
  }

  /** A call has come. */
  onCall(
    request: ToolCallRequest,
    handler: ToolCallHandler,
    caller: HookCaller,
  ): void {
    if (this.#open.size === 0) return;
    const { name } = request.toolCall;
    if (this.#open.delete(name)) return;
    // A model may make names up without end.
    if (request.tool === undefined || this.#called.has(name)) return;
    this.#called.add(name);
    const near = [...this.#open].filter((policy) => isNearMiss(policy, name));
    if (near.length === 0) return;
    this.#look(near, request, handler, caller).catch(() => {});
  }

  async #look(
    near: readonly string[],
    request: ToolCallRequest,
    handler: ToolCallHandler,
    { isLast }: HookCaller,
  ): Promise<void> {
    for (const name of namesCalled(request.state)) this.#open.delete(name);
    const { name } = request.toolCall;
    const tools = isLast ? await toolNames(request, handler) : undefined;
    for (const policy of near) {
      const isMeant = tools
        ? !tools.includes(policy)
        : isMisspelling(policy, name);
      if (!isMeant || !this.#open.delete(policy)) continue;
      // oxlint-disable-next-line no-console -- nobody else is there to tell
      console.warn(
        `parallel-tools-node: \`policies\` has \`${policy}\`, which no call has named so far, and nothing for \`${name}\`, which is called now. Correct the name if it is meant for \`${name}\`.`,
      );
    }
  }
}

function namesCalled({
  messages,
}: {
  readonly messages: readonly BaseMessage[];
}) {
  return messages
    .filter((message) => isAIMessage(message))
    .flatMap(({ tool_calls: calls = [] }) => calls.map(({ name }) => name));
}

/**
 * The names of an agent's tools, which LangChain gives in its answer to a call of
 * a tool that the agent does not have (1.5.14, `dist/agents/nodes/ToolNode.js`,
 * `getInvalidToolError`). Only where nothing but LangChain stands behind the
 * handler: other middleware must not see calls that nobody made.
 */
async function toolNames(
  request: ToolCallRequest,
  handler: ToolCallHandler,
): Promise<string[] | undefined> {
  try {
    const toolCall = { ...request.toolCall, name: "", args: {} };
    const answer = await handler({ ...request, toolCall, tool: undefined });
    const text = attempt(() => (answer as { text?: unknown }).text);
    const names = /try one of \[(.*)\]/s.exec(String(text))?.[1];
    return names?.split(", ");
  } catch {
    return undefined;
  }
}

import { type BaseMessage, isAIMessage } from "@langchain/core/messages";
import type { ToolCallHandler, ToolCallRequest } from "langchain";
import { attempt } from "../limits/feedback/attempt.js";
import { listNames } from "../policy/read-fields.js";
import type { HookCaller } from "./neighbours.js";

/**
 * Says once, when a model is first asked, which policies are for no tool that
 * it is shown. No error: tools may be added later.
 */
export class PolicyNamesCheck {
  readonly #policies: readonly string[];
  #isDone = false;

  /** @param policies the names that policies were given for */
  constructor(policies: readonly string[]) {
    this.#policies = policies;
  }

  run(tools: readonly string[]): void {
    if (this.#isDone) return;
    this.#isDone = true;
    const unknown = this.#policies.filter((name) => !tools.includes(name));
    if (unknown.length === 0) return;
    // oxlint-disable-next-line no-console -- nobody else is there to tell
    console.warn(
      `parallel-tools-node: \`policies\` has ${listNames(unknown)}, and the tools of the agent are ${listNames(tools)}. Correct the name, unless the tool is added later.`,
    );
  }
}

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

/** Beyond this, two names are compared by no program. */
const LONGEST = 128;

/**
 * Whether one name may be the other one misspelt: they differ in case, in `_` and
 * `-`, or, from five letters on, in at most two letters.
 */
function isNearMiss(one: string, other: string): boolean {
  if (one === other) return false;
  const [a, b] = [plain(one), plain(other)];
  if (a === b) return true;
  return Math.min(a.length, b.length) >= 5 && isWithin(2, a, b);
}

/**
 * As `isNearMiss`, where nobody can say whether both are names of tools. Names
 * that are often used side by side don't count, such as `get_user` and
 * `set_user`, `read_file` and `read_files`, `step_1` and `step_2`: they must
 * differ within a word of five letters or more, and in one letter.
 */
function isMisspelling(one: string, other: string): boolean {
  if (one === other) return false;
  if (plain(one) === plain(other)) return true;
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  if (!isWithin(1, a, b)) return false;
  const [shorter, longer] = a.length < b.length ? [a, b] : [b, a];
  let start = 0;
  while (shorter[start] === longer[start]) start += 1;
  const before = /[a-z]+$/.exec(longer.slice(0, start));
  const after = /^[a-z]+/.exec(longer.slice(start + 1));
  const inWord =
    before !== null && after !== null && /[a-z]/.test(longer[start]!);
  return inWord && before[0].length + 1 + after[0].length >= 5;
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, "");
}

/** Whether so many letters put in, left out or changed make one of the other. */
function isWithin(most: number, a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > most) return false;
  if (Math.max(a.length, b.length) > LONGEST) return false;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]! <= most;
}

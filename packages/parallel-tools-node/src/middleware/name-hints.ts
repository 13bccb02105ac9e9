import { type BaseMessage, isAIMessage } from "@langchain/core/messages";
import type { ToolCallHandler, ToolCallRequest } from "langchain";
import { WarnOnce } from "../errors/warn-once.js";
import { attempt } from "../limits/feedback/attempt.js";
import { listNames } from "../policy/read-fields.js";
import type { HookCaller } from "./neighbours.js";

/** An option that names tools. */
export type NamingOption = "policies" | "needsApproval";

/**
 * Warns of names in an option that aren't among the tools that a model is shown. This
 * isn't an error, since tools may be added later.
 */
export function warnOfUnknownNames(
  option: NamingOption,
  names: readonly string[],
  tools: readonly string[],
  warnings: WarnOnce,
): void {
  const unknown = names.filter((name) => !tools.includes(name));
  if (unknown.length === 0) return;
  warnings.warn(
    option,
    `\`${option}\` has ${listNames(unknown)}, and the tools of the agent are ${listNames(tools)}. Correct the name, unless the tool is added later.`,
  );
}

/**
 * Warns of names in an option that may be misspelt, once per name. A name is suspicious
 * if no call has used it so far, and a tool is called that the option doesn't name and
 * whose name is nearly the same. Hooks for tool calls don't know all tools of an agent, so
 * names that resemble no called tool are not found.
 */
export class NameHints {
  readonly #option: NamingOption;
  /** Names that no call has used and that weren't warned of. */
  readonly #unused: Set<string>;
  /** Tools that the option doesn't name and that have been called. */
  readonly #called = new Set<string>();
  readonly #warnings = new WarnOnce();

  constructor(option: NamingOption, names: readonly string[]) {
    this.#option = option;
    this.#unused = new Set(names);
  }

  onCall(
    request: ToolCallRequest,
    handler: ToolCallHandler,
    caller: HookCaller,
  ): void {
    if (this.#unused.size === 0) return;
    const { name } = request.toolCall;
    if (this.#unused.delete(name)) return;
    // A model may make up names without end, so those aren't remembered.
    if (request.tool === undefined || this.#called.has(name)) return;
    this.#called.add(name);
    const similar = [...this.#unused].filter((other) =>
      isNearMiss(other, name),
    );
    if (similar.length === 0) return;
    this.#check(similar, request, handler, caller).catch(() => {});
  }

  async #check(
    similar: readonly string[],
    request: ToolCallRequest,
    handler: ToolCallHandler,
    { isLast }: HookCaller,
  ): Promise<void> {
    for (const name of calledNames(request.state)) this.#unused.delete(name);
    const { name } = request.toolCall;
    const tools = isLast ? await toolNames(request, handler) : undefined;
    for (const other of similar) {
      const isMistake = tools
        ? !tools.includes(other)
        : isMisspelling(other, name);
      if (!isMistake || !this.#unused.delete(other)) continue;
      this.#warnings.warn(
        other,
        `\`${this.#option}\` has \`${other}\`, which no call has named so far, and nothing for \`${name}\`, which is called now. Correct the name if it is meant for \`${name}\`.`,
      );
    }
  }
}

function calledNames({
  messages,
}: {
  readonly messages: readonly BaseMessage[];
}) {
  return messages
    .filter((message) => isAIMessage(message))
    .flatMap(({ tool_calls: calls = [] }) => calls.map(({ name }) => name));
}

/**
 * The names of an agent's tools. LangChain lists them in its answer to a call of an
 * unknown tool (1.5.14, `dist/agents/nodes/ToolNode.js`, `getInvalidToolError`).
 * Must only be used if the handler is LangChain's own: other middleware must not
 * see a call that the model didn't make.
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

/** Longer names are not compared, since the time grows with the square. */
const MAX_COMPARED_LENGTH = 128;

/**
 * Whether one name may be a misspelling of the other: they differ only in case, `_`
 * and `-`, or both have at least five letters and differ in at most two.
 */
function isNearMiss(one: string, other: string): boolean {
  if (one === other) return false;
  const [a, b] = [plain(one), plain(other)];
  if (a === b) return true;
  return Math.min(a.length, b.length) >= 5 && isWithin(2, a, b);
}

/**
 * A stricter `isNearMiss`, for when both names may belong to tools. The names must
 * differ in one letter, inside a word of at least five letters. So names that are
 * often used side by side don't count, such as `get_user` and `set_user`,
 * `read_file` and `read_files`, `step_1` and `step_2`.
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

/** Whether the edit distance (Levenshtein) of two names is at most `most`. */
function isWithin(most: number, a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > most) return false;
  if (Math.max(a.length, b.length) > MAX_COMPARED_LENGTH) return false;
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

import type { AnalyzedCall } from "./evidence/find-needs.js";
import { findReference } from "./evidence/find-reference.js";
import type { Stretch } from "./evidence/stretch.js";
import type { Advice, EagerStart, NPlusOne, OneByOne } from "./finding.js";
import type { RecordedConversation } from "./recorded-conversation.js";

const ONE_AT_A_TIME =
  /\b(?:one|single)\s+(?:tool|function)\s*(?:call)?\s+(?:at\s+a\s+time|per\s+(?:turn|message|response))|\b(?:tools?|functions?)\s+one\s+at\s+a\s+time/i;
const EAGER_ADVICE: Advice = {
  kind: "eager",
  text: "Reads waited until their message was written: with `eager: true`, and a model that streams, they start while it is being written, if their policies say `readOnly: true`.",
};
/** Tools that one sentence names, and references that are advised. */
const MAX_NAMES = 5;

/** The facts of a finding. */
interface Found {
  readonly stretch: Stretch;
  readonly calls: readonly AnalyzedCall[];
  readonly nPlusOne: readonly NPlusOne[];
  readonly oneByOne: readonly OneByOne[];
  readonly eager: readonly EagerStart[];
  readonly turnsSaved: number;
}

/** Advises what to change so that a stretch takes fewer turns next time. */
export function advise(
  { stretch, calls, nPlusOne, oneByOne, eager, turnsSaved }: Found,
  conversation: RecordedConversation,
): Advice[] {
  const advice: Advice[] = [];
  if (turnsSaved > 0) {
    const isSingle = stretch.turns.every(({ calls: own }) => own.length === 1);
    if (conversation.forbidsParallel) {
      advice.push({
        kind: "parallel-tool-calls",
        text: "The request forbids parallel calls: leave `parallel_tool_calls: false` (Anthropic: `disable_parallel_tool_use`) away.",
      });
    } else if (isSingle) {
      advice.push({
        kind: "parallel-tool-calls",
        text: "No message holds more than one call: see that the model may make several (`parallel_tool_calls`; Anthropic: no `disable_parallel_tool_use`).",
      });
    }
    advice.push(promptAdvice(conversation));
  }
  advice.push(...policyAdvice(calls, nPlusOne, oneByOne));
  advice.push(...referenceAdvice(calls));
  if (eager.length > 0) advice.push(EAGER_ADVICE);
  return advice;
}

function promptAdvice({ messages }: RecordedConversation): Advice {
  const place = messages.findIndex(
    ({ role, text }) => role === "system" && ONE_AT_A_TIME.test(text),
  );
  return {
    kind: "prompt",
    text:
      place >= 0
        ? 'The system prompt asks for one call at a time. Say instead: "Ask for all calls that need nothing from each other in one message."'
        : 'Add to the system prompt: "Ask for all calls that need nothing from each other in one message."',
  };
}

function policyAdvice(
  calls: readonly AnalyzedCall[],
  nPlusOne: readonly NPlusOne[],
  oneByOne: readonly OneByOne[],
): Advice[] {
  const texts: string[] = [];
  if (calls.some(({ access }) => access === "unknown")) {
    texts.push(
      "Tools of which nothing is said count as writers: a policy with `readOnly: true`, or with the keys that they touch (`access`), tells what may share a turn.",
    );
  }
  const many = [...new Set(nPlusOne.map(({ tool }) => tool))];
  if (many.length > 0) {
    texts.push(
      `Asked for together, calls of ${list(many)} reach their server at once: give them a cap or a rate in \`policies\` (\`concurrency\`, \`rateLimit\`), or a tool that takes a list.`,
    );
  }
  if (oneByOne.length > 0) {
    texts.push(
      "Calls of one message ran one after another: run them on ParallelToolNode, and see that no `sequential` and no cap of 1 holds them back.",
    );
  }
  return texts.map((text) => ({ kind: "policy", text }));
}

/** Advises references for calls that needed only values of one other call. */
function referenceAdvice(calls: readonly AnalyzedCall[]): Advice[] {
  const texts = new Set<string>();
  for (const analyzed of calls) {
    const { needs, call } = analyzed;
    if (needs.length !== 1 || needs[0]?.reason !== "output") continue;
    const [{ index, arguments: paths = [] }] = needs;
    const earlier = (calls[index] as AnalyzedCall).call;
    const found = paths.map((path) => findReference(analyzed, path, earlier));
    const [path] = found;
    if (path === undefined || found.includes(undefined)) continue;
    texts.add(
      `\`${call.name}\` needed nothing of \`${earlier.name}\` but a value that a reference finds (\`"$N${path}"\` for \`${paths[0]}\`): with \`references\` both fit into one turn.`,
    );
  }
  return [...texts].slice(0, MAX_NAMES).map((text) => {
    return { kind: "references", text };
  });
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMES).map((name) => `\`${name}\``);
  const rest = names.length - shown.length;
  return rest > 0 ? `${shown.join(", ")} and ${rest} more` : shown.join(", ");
}

import { advise } from "./advise.js";
import { estimateSavings } from "./estimate-savings.js";
import type { AccessBook, CallAccess } from "./evidence/access-book.js";
import {
  type Argument,
  Explainer,
  type Explanation,
} from "./evidence/explain-call.js";
import { findEagerStarts } from "./evidence/find-eager-starts.js";
import {
  type FewestTurns,
  findFewestTurns,
} from "./evidence/find-fewest-turns.js";
import { findNPlusOne } from "./evidence/find-n-plus-one.js";
import { type AnalyzedCall, findNeeds } from "./evidence/find-needs.js";
import { findOneByOne } from "./evidence/find-one-by-one.js";
import {
  splitConversation,
  type SplitConversation,
} from "./evidence/split-conversation.js";
import type { Stretch, StretchCall } from "./evidence/stretch.js";
import { leavesOf } from "./evidence/values/leaves.js";
import { Occurrences } from "./evidence/values/occurrences.js";
import { searchTermsOf, tokensOf } from "./evidence/values/search-terms.js";
import type { Finding, FoundCall, Need, NPlusOne } from "./finding.js";
import type { RecordedConversation } from "./recorded-conversation.js";

/** Characters of a value that are shown. */
const MAX_VALUE = 60;
const NOTHING_NEEDED: Explanation = {
  outputs: new Map(),
  unexplained: undefined,
  firstShown: new Map(),
  asked: undefined,
  texts: new Map(),
};

/** What was found in one stretch. */
export interface StretchAnalysis {
  readonly stretch: Stretch;
  readonly calls: readonly AnalyzedCall[];
  /** Tool names of the calls whose access is unknown, one per call. */
  readonly unknown: readonly string[];
  readonly turnsNeeded: number;
  readonly turnsNeededAtMost: number;
  readonly merged: readonly MergedTurns[];
  /** `undefined`: there was no turn to save, and no call ran too late. */
  readonly finding:
    | Omit<Finding, "source" | "conversation" | "place">
    | undefined;
}

/** Turns that could have been one. */
export interface MergedTurns {
  /** Tool names, one per call. */
  readonly names: readonly string[];
  readonly turnsSaved: number;
  readonly nPlusOne: readonly NPlusOne[];
}

/** Finds in each stretch the turns that could have been one. */
export function analyzeConversation(
  conversation: RecordedConversation,
  book: AccessBook,
  showsValues: boolean,
): StretchAnalysis[] {
  const split = splitConversation(conversation);
  const explanations = explainCalls(split);
  return split.stretches.map((stretch) => {
    const own = stretch.calls.map(
      (call) => explanations.get(call) ?? NOTHING_NEEDED,
    );
    const calls = findNeeds(stretch, own, book);
    return analyzeStretch(stretch, calls, conversation, book, showsValues);
  });
}

/** Explains calls. Those of a stretch of one turn need no explanation. */
function explainCalls({
  sources,
  stretches,
}: SplitConversation): Map<StretchCall, Explanation> {
  const args = new Map<StretchCall, readonly Argument[]>();
  const tokens = new Set<string>();
  const long = stretches.filter(({ turns }) => turns.length > 1);
  for (const call of long.flatMap(({ calls }) => calls)) {
    const own = argumentsOf(call);
    args.set(call, own);
    for (const { terms } of own) {
      for (const token of terms.flatMap(tokensOf)) tokens.add(token);
    }
  }
  const occurrences = new Occurrences(tokens.size === 0 ? [] : sources, tokens);
  const explanations = new Map<StretchCall, Explanation>();
  for (const stretch of long) {
    const explainer = new Explainer(sources, occurrences, stretch);
    for (const call of stretch.calls) {
      explanations.set(call, explainer.explain(call, args.get(call) ?? []));
    }
  }
  return explanations;
}

function argumentsOf({ args }: StretchCall): Argument[] {
  return leavesOf(args).map((leaf) => ({ leaf, terms: searchTermsOf(leaf) }));
}

function analyzeStretch(
  stretch: Stretch,
  calls: readonly AnalyzedCall[],
  conversation: RecordedConversation,
  book: AccessBook,
  showsValues: boolean,
): StretchAnalysis {
  const fewest = findFewestTurns(stretch, calls);
  const { couldBe, merged, turnsNeededAtMost } = fewest;
  const nPlusOne = couldBe.map((turn) =>
    findNPlusOne(turn.map((index) => calls[index] as AnalyzedCall)),
  );
  const oneByOne = findOneByOne(stretch, calls, conversation);
  // Where calls ran one by one, running them together saves the same time.
  const eager = findEagerStarts(stretch, calls, conversation, book).filter(
    ({ turn }) => oneByOne.every((other) => other.turn !== turn),
  );
  const turnsSaved = stretch.turns.length - couldBe.length;
  const result = {
    stretch,
    calls,
    unknown: calls
      .filter(({ access }) => access === "unknown")
      .map(({ call }) => call.name),
    turnsNeeded: couldBe.length,
    turnsNeededAtMost,
    merged: merged.flatMap((turns, place): MergedTurns[] => {
      if (turns.length < 2) return [];
      const names = (couldBe[place] ?? [])
        .filter((index) =>
          turns.includes((calls[index] as AnalyzedCall).call.turn),
        )
        .map((index) => (calls[index] as AnalyzedCall).call.name);
      const turnsSaved = turns.length - 1;
      return [{ names, turnsSaved, nPlusOne: nPlusOne[place] ?? [] }];
    }),
  };
  if (turnsSaved + oneByOne.length + eager.length === 0) {
    return { ...result, finding: undefined };
  }
  const secondsSaved = estimateSavings(stretch, fewest, conversation);
  const allNPlusOne = nPlusOne.flat();
  const parts = {
    stretch,
    calls,
    nPlusOne: allNPlusOne,
    oneByOne,
    eager,
    turnsSaved,
  };
  return {
    ...result,
    finding: {
      messages: stretch.turns.map(({ message }) => message),
      turns: stretch.turns.length,
      turnsNeeded: couldBe.length,
      turnsNeededAtMost,
      calls: calls.map((call) => foundCall(call, fewest, showsValues)),
      couldBe,
      nPlusOne: allNPlusOne,
      oneByOne,
      eager,
      ...(secondsSaved !== undefined && { secondsSaved }),
      advice: advise(parts, conversation),
    },
  };
}

function foundCall(
  { call, access, explanation, needs, looked }: AnalyzedCall,
  { couldBeTurn }: FewestTurns,
  showsValues: boolean,
): FoundCall {
  const { index, id, name, turn } = call;
  return {
    index,
    id,
    name,
    turn: turn + 1,
    couldBeTurn: couldBeTurn[index] as number,
    access: accessName(access),
    needs: showsValues
      ? needs.map((need) => withValues(need, explanation.texts))
      : needs,
    ...(looked !== undefined && { mayHaveLooked: looked.at }),
  };
}

function accessName(access: CallAccess): FoundCall["access"] {
  return typeof access === "string" ? access : "keys";
}

function withValues(need: Need, texts: ReadonlyMap<string, string>): Need {
  if (need.arguments === undefined) return need;
  const values = need.arguments.map((path) => {
    const text = texts.get(path) ?? "";
    return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}...` : text;
  });
  return { ...need, values };
}

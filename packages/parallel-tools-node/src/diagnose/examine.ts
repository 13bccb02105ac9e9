import { advise } from "./advise.js";
import { estimateSavings } from "./estimate-savings.js";
import type { AccessBook, CallAccess } from "./evidence/access-book.js";
import { type Arrangement, arrange } from "./evidence/arrange.js";
import { Explainer, type Wanted } from "./evidence/explain-call.js";
import { findNPlusOne } from "./evidence/find-n-plus-one.js";
import { findNeeds, type NeedyCall } from "./evidence/find-needs.js";
import { findOneByOne } from "./evidence/find-one-by-one.js";
import { outline, type Stretch } from "./evidence/outline.js";
import { demandsOf, tokensOf } from "./evidence/values/demands.js";
import { leavesOf } from "./evidence/values/leaves.js";
import { Sightings } from "./evidence/values/sightings.js";
import type { Finding, FoundCall, Need, NPlusOne } from "./finding.js";
import type { RecordedConversation } from "./recorded-conversation.js";

const MAX_VALUE = 60;

/** What was found in one stretch that had calls. */
export interface ExaminedStretch {
  readonly stretch: Stretch;
  /** Its calls, and what each of them needed. */
  readonly calls: readonly NeedyCall[];
  /** Calls of whose tools nothing was said, by name. */
  readonly unknown: readonly string[];
  readonly turnsNeeded: number;
  readonly turnsNeededAtMost: number;
  /** By turn that they could be: what could have been one turn. */
  readonly groups: readonly Group[];
  /** `undefined`: it took no turn more than it needed, and ran as it should. */
  readonly finding:
    | Omit<Finding, "source" | "conversation" | "place">
    | undefined;
}

/** Calls of several turns that could have been one. */
export interface Group {
  readonly names: readonly string[];
  readonly turnsSaved: number;
  readonly nPlusOne: readonly NPlusOne[];
}

/** Looks for waterfalls in one conversation. */
export function examine(
  conversation: RecordedConversation,
  book: AccessBook,
  showsValues: boolean,
): ExaminedStretch[] {
  const { sources, stretches } = outline(conversation);
  // One turn can't be fewer: there is nothing to explain.
  const long = stretches.filter(({ turns }) => turns.length > 1);
  const wanted = new Map(
    long.flatMap(({ calls }) =>
      calls.map((call) => [call, wantedBy(call.args)] as const),
    ),
  );
  const tokens = new Set<string>();
  for (const list of wanted.values()) {
    for (const { demands } of list) {
      for (const token of demands.flatMap(tokensOf)) tokens.add(token);
    }
  }
  const sightings = new Sightings(tokens.size === 0 ? [] : sources, tokens);
  return stretches.map((stretch) => {
    const explainer = long.includes(stretch)
      ? new Explainer(sources, sightings, stretch)
      : undefined;
    const explanations = stretch.calls.map(
      (call) =>
        explainer?.explain(call, wanted.get(call) ?? []) ?? NOTHING_NEEDED,
    );
    const calls = findNeeds(stretch, explanations, book);
    return examineStretch(stretch, calls, conversation, showsValues);
  });
}

const NOTHING_NEEDED = {
  outputs: new Map(),
  unexplained: undefined,
  firstShown: new Map(),
  asked: undefined,
  texts: new Map(),
};

function wantedBy(args: unknown): Wanted[] {
  return leavesOf(args).map((leaf) => ({ leaf, demands: demandsOf(leaf) }));
}

function examineStretch(
  stretch: Stretch,
  calls: readonly NeedyCall[],
  conversation: RecordedConversation,
  showsValues: boolean,
): ExaminedStretch {
  const arrangement = arrange(stretch, calls);
  const { couldBe, merged, turnsNeededAtMost } = arrangement;
  const nPlusOne = couldBe.map((turn) =>
    findNPlusOne(turn.map((index) => calls[index] as NeedyCall)),
  );
  const oneByOne = findOneByOne(stretch, calls, conversation);
  const turnsSaved = stretch.turns.length - couldBe.length;
  const result = {
    stretch,
    calls,
    unknown: calls
      .filter(({ access }) => access === "unknown")
      .map(({ call }) => call.name),
    turnsNeeded: couldBe.length,
    turnsNeededAtMost,
    groups: merged.flatMap((turns, place): Group[] => {
      if (turns.length < 2) return [];
      const names = (couldBe[place] ?? [])
        .filter((index) =>
          turns.includes((calls[index] as NeedyCall).call.turn),
        )
        .map((index) => (calls[index] as NeedyCall).call.name);
      const turnsSaved = turns.length - 1;
      return [{ names, turnsSaved, nPlusOne: nPlusOne[place] ?? [] }];
    }),
  };
  if (turnsSaved === 0 && oneByOne.length === 0) {
    return { ...result, finding: undefined };
  }
  const secondsSaved = estimateSavings(stretch, arrangement, conversation);
  const allNPlusOne = nPlusOne.flat();
  const parts = { stretch, calls, nPlusOne: allNPlusOne, oneByOne, turnsSaved };
  return {
    ...result,
    finding: {
      messages: stretch.turns.map(({ message }) => message),
      turns: stretch.turns.length,
      turnsNeeded: couldBe.length,
      turnsNeededAtMost,
      calls: calls.map((needy) => foundCall(needy, arrangement, showsValues)),
      couldBe,
      nPlusOne: allNPlusOne,
      oneByOne,
      ...(secondsSaved !== undefined && { secondsSaved }),
      advice: advise(parts, conversation),
    },
  };
}

function foundCall(
  { call, access, explanation, needs, looked }: NeedyCall,
  { couldBeTurn }: Arrangement,
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

import { ConfigurationError } from "../errors/configuration-error.js";
import { readFields } from "../policy/read-fields.js";
import {
  analyzeConversation,
  type MergedTurns,
} from "./analyze-conversation.js";
import type { DiagnoseOptions } from "./diagnose-options.js";
import type { Diagnosis } from "./diagnosis.js";
import { AccessBook } from "./evidence/access-book.js";
import type { Finding } from "./finding.js";
import type { RecordedConversation } from "./recorded-conversation.js";

const OPTIONS = {
  policies: true,
  defaultPolicy: true,
  reads: true,
  writes: true,
  tools: true,
  maxFindings: true,
  showValues: true,
} as const satisfies Record<keyof DiagnoseOptions, true>;
/** Patterns that a diagnosis holds. */
const MAX_PATTERNS = 10;
/** Tools that the name of a pattern holds. */
const MAX_TOOLS = 6;
/** Names that are counted, since a hostile file may hold any number. */
const MAX_NAMES = 10_000;

/** Analyzes conversations one by one and adds up what was found. */
export class DiagnosisBuilder {
  readonly #book: AccessBook;
  readonly #maxFindings: number;
  readonly #showsValues: boolean;
  readonly #sums = {
    conversations: 0,
    calls: 0,
    turns: 0,
    turnsNeeded: 0,
    turnsNeededAtMost: 0,
    findingCount: 0,
  };
  #savedMs: number | undefined;
  #eagerMs = 0;
  #findings: Finding[] = [];
  readonly #patterns = new Map<
    string,
    { isNPlusOne: boolean; count: number; turnsSaved: number }
  >();
  readonly #unknown = new Map<string, number>();

  /** @throws ConfigurationError */
  constructor(options: DiagnoseOptions) {
    readFields("options", options, Object.keys(OPTIONS));
    this.#book = new AccessBook(options);
    const { maxFindings = 100, showValues = false } = options;
    if (!Number.isSafeInteger(maxFindings) || maxFindings < 0) {
      throw new ConfigurationError(
        "maxFindings",
        "an integer of at least 0",
        maxFindings,
      );
    }
    if (typeof showValues !== "boolean") {
      throw new ConfigurationError("showValues", "a boolean", showValues);
    }
    this.#maxFindings = maxFindings;
    this.#showsValues = showValues;
  }

  add(conversation: RecordedConversation): void {
    const { source, place } = conversation;
    const index = this.#sums.conversations;
    this.#sums.conversations += 1;
    for (const analysis of analyzeConversation(
      conversation,
      this.#book,
      this.#showsValues,
    )) {
      const { stretch, turnsNeeded, turnsNeededAtMost, finding } = analysis;
      this.#sums.calls += stretch.calls.length;
      this.#sums.turns += stretch.turns.length;
      this.#sums.turnsNeeded += turnsNeeded;
      this.#sums.turnsNeededAtMost += turnsNeededAtMost;
      for (const turns of analysis.merged) this.#count(turns);
      for (const name of analysis.unknown) {
        const calls = this.#unknown.get(name) ?? 0;
        if (calls > 0 || this.#unknown.size < MAX_NAMES) {
          this.#unknown.set(name, calls + 1);
        }
      }
      if (finding === undefined) continue;
      this.#keep({
        ...(source !== undefined && { source }),
        conversation: index,
        ...(place !== undefined && place !== "" && { place }),
        ...finding,
      });
    }
  }

  build(): Diagnosis {
    const { turns, turnsNeeded } = this.#sums;
    return {
      ...this.#sums,
      shareSaved: turns === 0 ? 0 : (turns - turnsNeeded) / turns,
      ...(this.#savedMs !== undefined && {
        secondsSaved: this.#savedMs / 1_000,
      }),
      ...(this.#eagerMs > 0 && { eagerSecondsSaved: this.#eagerMs / 1_000 }),
      patterns: [...this.#patterns]
        .map(([text, pattern]) => ({ text, ...pattern }))
        .sort(
          (a, b) =>
            b.count - a.count ||
            b.turnsSaved - a.turnsSaved ||
            (a.text < b.text ? -1 : 1),
        )
        .slice(0, MAX_PATTERNS),
      unknownTools: [...this.#unknown]
        .map(([name, calls]) => ({ name, calls }))
        .sort((a, b) => b.calls - a.calls || (a.name < b.name ? -1 : 1)),
      findings: this.#best(),
    };
  }

  #keep(finding: Finding): void {
    this.#sums.findingCount += 1;
    if (finding.secondsSaved !== undefined) {
      const ms = Math.round(finding.secondsSaved * 1_000);
      this.#savedMs = (this.#savedMs ?? 0) + ms;
    }
    for (const { secondsSaved } of finding.eager) {
      this.#eagerMs += Math.round(secondsSaved * 1_000);
    }
    this.#findings.push(finding);
    // Sorted only now and then: at most twice as many as shown are kept.
    if (this.#findings.length > 2 * this.#maxFindings) {
      this.#findings = this.#best();
    }
  }

  #best(): Finding[] {
    const saved = ({ turns, turnsNeeded }: Finding) => turns - turnsNeeded;
    return this.#findings
      .toSorted(
        (a, b) => saved(b) - saved(a) || a.conversation - b.conversation,
      )
      .slice(0, this.#maxFindings);
  }

  #count(turns: MergedTurns): void {
    const name = namePattern(turns);
    const pattern = this.#patterns.get(name) ?? {
      isNPlusOne: turns.nPlusOne.length > 0,
      count: 0,
      turnsSaved: 0,
    };
    pattern.count += 1;
    pattern.turnsSaved += turns.turnsSaved;
    if (pattern.count > 1 || this.#patterns.size < MAX_NAMES) {
      this.#patterns.set(name, pattern);
    }
  }
}

/** Names merged turns by their tools, so that like ones are counted together. */
function namePattern({ names, nPlusOne }: MergedTurns): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const parts = [...counts]
    .map(([name, count]) => {
      const times = count > 1 ? `N x ${name}` : name;
      const list = nPlusOne.find(({ tool }) => tool === name)?.list;
      return list === undefined ? times : `${list} -> ${times}`;
    })
    .sort();
  const rest = parts.length - MAX_TOOLS;
  return rest > 0
    ? `${parts.slice(0, MAX_TOOLS).join(", ")} and ${rest} more`
    : parts.join(", ");
}

import { ConfigurationError } from "../errors/configuration-error.js";
import { readFields } from "../policy/read-fields.js";
import type { DiagnoseOptions } from "./diagnose-options.js";
import type { Diagnosis } from "./diagnosis.js";
import { AccessBook } from "./evidence/access-book.js";
import { examine, type Group } from "./examine.js";
import type { Finding } from "./finding.js";
import { namePattern } from "./name-pattern.js";
import type { RecordedConversation } from "./recorded-conversation.js";

const FIELDS = [
  "policies",
  "defaultPolicy",
  "reads",
  "writes",
  "tools",
  "maxFindings",
  "showValues",
] as const satisfies readonly (keyof DiagnoseOptions)[];
const SHOWN_PATTERNS = 10;
/** Names that are counted; hostile files may hold any number. */
const MAX_NAMES = 10_000;

/** Examines conversations one by one and adds up what was found. */
export class Tally {
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
  #findings: Finding[] = [];
  readonly #patterns = new Map<
    string,
    { isNPlusOne: boolean; count: number; turnsSaved: number }
  >();
  readonly #unknown = new Map<string, number>();

  /** @throws ConfigurationError */
  constructor(options: DiagnoseOptions) {
    readFields("options", options, FIELDS);
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
    for (const examined of examine(
      conversation,
      this.#book,
      this.#showsValues,
    )) {
      const { stretch, turnsNeeded, turnsNeededAtMost, finding } = examined;
      this.#sums.calls += stretch.calls.length;
      this.#sums.turns += stretch.turns.length;
      this.#sums.turnsNeeded += turnsNeeded;
      this.#sums.turnsNeededAtMost += turnsNeededAtMost;
      for (const group of examined.groups) this.#count(group);
      for (const name of examined.unknown) {
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

  result(): Diagnosis {
    const { turns, turnsNeeded } = this.#sums;
    return {
      ...this.#sums,
      shareSaved: turns === 0 ? 0 : (turns - turnsNeeded) / turns,
      ...(this.#savedMs !== undefined && {
        secondsSaved: this.#savedMs / 1_000,
      }),
      patterns: [...this.#patterns]
        .map(([text, pattern]) => ({ text, ...pattern }))
        .sort(
          (a, b) =>
            b.count - a.count ||
            b.turnsSaved - a.turnsSaved ||
            (a.text < b.text ? -1 : 1),
        )
        .slice(0, SHOWN_PATTERNS),
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
    this.#findings.push(finding);
    // Sorted now and then, so that no more than twice as many are ever held.
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

  #count(group: Group): void {
    const name = namePattern(group);
    const pattern = this.#patterns.get(name) ?? {
      isNPlusOne: group.nPlusOne.length > 0,
      count: 0,
      turnsSaved: 0,
    };
    pattern.count += 1;
    pattern.turnsSaved += group.turnsSaved;
    if (pattern.count > 1 || this.#patterns.size < MAX_NAMES) {
      this.#patterns.set(name, pattern);
    }
  }
}

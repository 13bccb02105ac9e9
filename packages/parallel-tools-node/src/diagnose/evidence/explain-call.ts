import type { Source, Stretch, StretchCall } from "./stretch.js";
import { isIdentifyingField, wordsOfField } from "./values/field-names.js";
import type { Leaf } from "./values/leaves.js";
import type { Occurrences } from "./values/occurrences.js";
import { holdsField, isAnswer } from "./values/output-fields.js";
import type { SearchTerm } from "./values/search-terms.js";

/** A value of a call's arguments, and what is searched for to explain it. */
export interface Argument {
  readonly leaf: Leaf;
  readonly terms: readonly SearchTerm[];
}

/** Where the values of a call's arguments come from. */
export interface Explanation {
  /** Earlier calls of the stretch, and the arguments that need their output. */
  readonly outputs: ReadonlyMap<StretchCall, ReadonlySet<string>>;
  /**
   * Arguments whose values nothing before explains, and the latest turn in which
   * the model wrote one of them first. The model may have derived it from
   * anything that it had seen by then.
   */
  readonly unexplained:
    | { readonly turn: number; readonly paths: ReadonlySet<string> }
    | undefined;
  /** By argument: the call whose output showed its value first. */
  readonly firstShown: ReadonlyMap<string, StretchCall>;
  /**
   * Of a call with a free text: its terms without those that the model made up.
   * `undefined`: it has no free text.
   */
  readonly asked: ReadonlySet<string> | undefined;
  /** By argument: its value as a text. */
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * Where a value comes from: it was known before the stretch, outputs of the
 * stretch showed it, or the model wrote it first, in that turn.
 */
type Origin =
  | { readonly by: "known" }
  | { readonly by: "outputs"; readonly calls: readonly StretchCall[] }
  | { readonly by: "model"; readonly turn: number };

const KNOWN: Origin = { by: "known" };

/** Whether the model wrote it first, after an output of the stretch. */
function isNew(origin: Origin): origin is Origin & { readonly by: "model" } {
  return origin.by === "model" && origin.turn > 0;
}

/** What tells a term from others: a page or a count needs its field's name. */
function nameOf(term: SearchTerm, { key }: Leaf): string {
  return term.kind === "exact"
    ? (term.tokens[0] as string)
    : `${key}=${term.token}`;
}

/** Explains the calls of one stretch, in order. */
export class Explainer {
  readonly #sources: readonly Source[];
  readonly #occurrences: Occurrences;
  readonly #stretch: Stretch;
  /** Place of the first source of the stretch. */
  readonly #start: number;
  /** By field and common value: the first turn of the stretch that used them. */
  readonly #used = new Map<string, number>();

  constructor(
    sources: readonly Source[],
    occurrences: Occurrences,
    stretch: Stretch,
  ) {
    this.#sources = sources;
    this.#occurrences = occurrences;
    this.#stretch = stretch;
    this.#start = sources.findIndex((source) => source.stretch === stretch);
  }

  explain(call: StretchCall, args: readonly Argument[]): Explanation {
    const outputs = new Map<StretchCall, Set<string>>();
    const firstShown = new Map<string, StretchCall>();
    const paths = new Set<string>();
    let turn = 0;
    const take = (path: string, origin: Origin) => {
      if (origin.by === "outputs") {
        for (const one of origin.calls) {
          const found = outputs.get(one) ?? new Set();
          outputs.set(one, found.add(path));
        }
      } else if (isNew(origin)) {
        paths.add(path);
        turn = Math.max(turn, origin.turn);
      }
    };
    const asked = new Set<string>();
    let isText = false;
    for (const { leaf, terms } of args) {
      const words: string[] = [];
      let knownCount = 0;
      for (const term of terms) {
        if (term.kind === "word") {
          isText = true;
          words.push(term.token);
          if (!isNew(this.#originAt(this.#placeOf(term)))) {
            asked.add(term.token);
          }
        } else {
          const origin = this.#originOf(term, leaf, call);
          if (origin.by === "known" && term.kind === "exact") {
            knownCount += 1;
          }
          if (!isNew(origin)) asked.add(nameOf(term, leaf));
          take(leaf.path, origin);
        }
        const shown = this.#shownBy(term);
        if (shown !== undefined) firstShown.set(leaf.path, shown);
      }
      for (const origin of this.#originsOfWords(words, knownCount)) {
        take(leaf.path, origin);
      }
    }
    for (const { leaf, terms } of args) {
      for (const term of terms) {
        if (term.kind !== "common") continue;
        const name = `${leaf.key}\0${term.token}`;
        if (!this.#used.has(name)) this.#used.set(name, call.turn);
      }
    }
    const unexplained = turn > 0 ? { turn, paths } : undefined;
    const texts = new Map(
      args.map(({ leaf }) => [leaf.path, String(leaf.value)] as const),
    );
    return {
      outputs,
      unexplained,
      firstShown,
      asked: isText ? asked : undefined,
      texts,
    };
  }

  #originOf(
    term: Exclude<SearchTerm, { kind: "word" }>,
    leaf: Leaf,
    call: StretchCall,
  ): Origin {
    switch (term.kind) {
      case "exact":
        // The system prompt lists the words to choose from. An output that
        // holds one of them may be why it was chosen.
        return this.#originAt(this.#placeOf(term, term.isOfWords));
      case "short":
        return this.#originOfShort(term.token, leaf.key, call);
      case "common":
        return this.#originOfCommon(term, leaf.key, call);
    }
  }

  /**
   * The place from which a value was known, as a whole or by its parts.
   *
   * @param skipsSystem the system prompt doesn't count
   */
  #placeOf(term: SearchTerm, skipsSystem = false): number {
    if (term.kind !== "exact") {
      return this.#firstPlace(term.token, skipsSystem);
    }
    const whole = Math.min(
      ...term.tokens.map((token) => this.#firstPlace(token, skipsSystem)),
    );
    const isWritten = this.#originAt(whole).by === "model";
    if (!isWritten && !term.isOfWords) return whole;
    // Two or three digits prove nothing: many texts hold them by chance.
    if (term.parts.some(({ kind }) => kind === "short")) return whole;
    const parts = term.parts.filter(
      (part) =>
        part.kind === "exact" && part.tokens.some(({ length }) => length > 2),
    );
    if (parts.length === 0) return whole;
    const places = parts.map((part) => this.#placeOf(part, skipsSystem));
    return Math.min(whole, Math.max(...places));
  }

  #firstPlace(token: string, skipsSystem: boolean): number {
    const places = this.#occurrences.of(token);
    const first = skipsSystem
      ? places.find((place) => this.#sources[place]?.writer !== "system")
      : places[0];
    return first ?? Number.POSITIVE_INFINITY;
  }

  #originAt(place: number): Origin {
    if (place < this.#start) return KNOWN;
    const source = this.#sources[place];
    if (source?.stretch === this.#stretch) {
      if (source.call !== undefined) {
        return { by: "outputs", calls: [source.call] };
      }
      return { by: "model", turn: source.turn ?? 0 };
    }
    // Found nowhere, or in a late answer to a call of an earlier stretch.
    return { by: "model", turn: Number.POSITIVE_INFINITY };
  }

  /**
   * A short number is known if the user or the model wrote it before the
   * stretch. Otherwise it may come from each output of the stretch that holds
   * it, and only then from other sources before the stretch.
   */
  #originOfShort(token: string, key: string, call: StretchCall): Origin {
    if (isIdentifyingField(key)) {
      // "42 items" doesn't explain the id 42 that a list showed.
      const holders = this.#holdersOf(token, key, call.turn);
      if (holders.length > 0) return { by: "outputs", calls: holders };
    }
    const outputs: StretchCall[] = [];
    let wasShown = false;
    for (const place of this.#occurrences.of(token)) {
      const {
        writer,
        stretch,
        turn = 0,
        call: answered,
      } = this.#sources[place] as Source;
      if (stretch !== this.#stretch) {
        if (place >= this.#start) continue;
        if (writer === "user" || writer === "model") return KNOWN;
        wasShown = true;
      } else if (answered === undefined) {
        if (outputs.length > 0) break;
        return wasShown ? KNOWN : { by: "model", turn };
      } else if (answered.turn < call.turn) outputs.push(answered);
    }
    if (outputs.length > 0) return { by: "outputs", calls: outputs };
    return wasShown ? KNOWN : { by: "model", turn: call.turn };
  }

  /**
   * Only the name of its field shows where a common value comes from. An
   * argument that identifies something needs an origin; a page, a flag or a
   * count does not.
   */
  #originOfCommon(
    { token, isFlag }: Extract<SearchTerm, { kind: "common" }>,
    key: string,
    call: StretchCall,
  ): Origin {
    const turn = this.#used.get(`${key}\0${token}`) ?? call.turn;
    const words = wordsOfField(key);
    const outputs = this.#holdersOf(token, key, turn);
    if (outputs.length > 0) return { by: "outputs", calls: outputs };
    const before = this.#occurrences
      .of(token)
      .filter((place) => place < this.#start)
      .map((place) => this.#sources[place] as Source);
    if (before.some(({ writer }) => writer === "user")) return KNOWN;
    const answers = this.#stretch.calls.filter(
      (earlier) =>
        token.startsWith("#") &&
        earlier.turn < turn &&
        isAnswer(earlier, token),
    );
    if (answers.length > 0) return { by: "outputs", calls: answers };
    const isKnown = before.some(
      ({ call: answered }) =>
        answered !== undefined && holdsField(answered, words, token),
    );
    if (isFlag || isKnown || !isIdentifyingField(key)) return KNOWN;
    return { by: "model", turn };
  }

  /** Calls before a turn whose output holds a value in a field with that name. */
  #holdersOf(token: string, key: string, turn: number): StretchCall[] {
    const words = wordsOfField(key);
    return this.#stretch.calls.filter(
      (earlier) => earlier.turn < turn && holdsField(earlier, words, token),
    );
  }

  /**
   * Origins of the words of a free text. A word that an output showed first ties
   * the call to that output. Words that occur nowhere before are the model's own
   * wording, as long as they are the minority.
   *
   * @param knownCount other terms of that text that were known
   */
  #originsOfWords(words: readonly string[], knownCount: number): Origin[] {
    const origins = words.map((word) =>
      this.#originAt(this.#firstPlace(word, false)),
    );
    const shown = origins.filter(({ by }) => by === "outputs");
    if (shown.length > 0) return shown;
    const added = origins.filter(isNew);
    return added.length * 2 >= origins.length + knownCount ? added : [];
  }

  #shownBy(term: SearchTerm): StretchCall | undefined {
    if (term.kind !== "exact") return undefined;
    return this.#sources[this.#placeOf(term)]?.call;
  }
}

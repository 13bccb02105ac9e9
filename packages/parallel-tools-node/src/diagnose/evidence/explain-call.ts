import type { Source, Stretch, StretchCall } from "./outline.js";
import type { Demand } from "./values/demands.js";
import { isNamingField, wordsOfField } from "./values/field-names.js";
import { holdsField, isAnswer } from "./values/held-values.js";
import type { Leaf } from "./values/leaves.js";
import type { Sightings } from "./values/sightings.js";

/** An argument and what it asks for. */
export interface Wanted {
  readonly leaf: Leaf;
  readonly demands: readonly Demand[];
}

/** Where the values of a call's arguments come from. */
export interface Explanation {
  /** Earlier calls of the stretch, and the arguments that need their output. */
  readonly outputs: ReadonlyMap<StretchCall, ReadonlySet<string>>;
  /**
   * Arguments with values that nothing said before explains, and the turn in
   * which the model first wrote one of them; it may have drawn it from anything
   * that it had seen by then.
   */
  readonly unexplained:
    | { readonly turn: number; readonly paths: ReadonlySet<string> }
    | undefined;
  /** By argument: the call whose output showed its value first, wherever. */
  readonly firstShown: ReadonlyMap<string, StretchCall>;
  /**
   * Of a call that holds a free text: what it asks for, without the words that
   * only the model has put in. `undefined`: it holds none.
   */
  readonly asked: ReadonlySet<string> | undefined;
  /** By argument: its value as a text. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Where a value comes from. The later the place, the less was known before. */
type Origin =
  | { readonly by: "known" }
  | { readonly by: "outputs"; readonly calls: readonly StretchCall[] }
  | { readonly by: "model"; readonly turn: number };

const KNOWN: Origin = { by: "known" };

/** Whether the model wrote it first, with outputs of the stretch in view. */
function isNew(origin: Origin): origin is Origin & { readonly by: "model" } {
  return origin.by === "model" && origin.turn > 0;
}

/** Pages and counts by their fields, since their values alone tell nothing. */
function nameOf(demand: Demand, { key }: Leaf): string {
  return demand.kind === "exact"
    ? (demand.tokens[0] as string)
    : `${key}=${demand.token}`;
}

/** Explains the calls of one stretch, in order. */
export class Explainer {
  readonly #sources: readonly Source[];
  readonly #sightings: Sightings;
  readonly #stretch: Stretch;
  /** Place of the first source of the stretch. */
  readonly #start: number;
  /** By field and value: the first turn of the stretch that used the two. */
  readonly #used = new Map<string, number>();

  constructor(
    sources: readonly Source[],
    sightings: Sightings,
    stretch: Stretch,
  ) {
    this.#sources = sources;
    this.#sightings = sightings;
    this.#stretch = stretch;
    this.#start = sources.findIndex((source) => source.stretch === stretch);
  }

  explain(call: StretchCall, wanted: readonly Wanted[]): Explanation {
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
    for (const { leaf, demands } of wanted) {
      const words: string[] = [];
      let said = 0;
      for (const demand of demands) {
        if (demand.kind === "word") {
          isText = true;
          words.push(demand.token);
          if (!isNew(this.#originAt(this.#placeOf(demand)))) {
            asked.add(demand.token);
          }
        } else {
          const origin = this.#originOf(demand, leaf, call);
          if (origin.by === "known" && demand.kind === "exact") said += 1;
          if (!isNew(origin)) asked.add(nameOf(demand, leaf));
          take(leaf.path, origin);
        }
        const shown = this.#shownBy(demand);
        if (shown !== undefined) firstShown.set(leaf.path, shown);
      }
      for (const origin of this.#originsOfWords(words, said)) {
        take(leaf.path, origin);
      }
    }
    for (const { leaf, demands } of wanted) {
      for (const demand of demands) {
        if (demand.kind !== "common") continue;
        const name = `${leaf.key}\0${demand.token}`;
        if (!this.#used.has(name)) this.#used.set(name, call.turn);
      }
    }
    const unexplained = turn > 0 ? { turn, paths } : undefined;
    const texts = new Map(
      wanted.map(({ leaf }) => [leaf.path, String(leaf.value)] as const),
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
    demand: Exclude<Demand, { kind: "word" }>,
    leaf: Leaf,
    call: StretchCall,
  ): Origin {
    switch (demand.kind) {
      case "exact":
        // A word that only the system prompt has said is one of the choices
        // that there are, and what an output says may be why it was chosen.
        return this.#originAt(this.#placeOf(demand, demand.isOfWords));
      case "short":
        return this.#originOfShort(demand.token, leaf.key, call);
      case "common":
        return this.#originOfCommon(demand, leaf.key, call);
    }
  }

  /**
   * The place where a value was known first, as a whole or by its parts.
   *
   * @param skipsSystem what the system prompt says doesn't count
   */
  #placeOf(demand: Demand, skipsSystem = false): number {
    if (demand.kind !== "exact") {
      return this.#firstPlace(demand.token, skipsSystem);
    }
    const whole = Math.min(
      ...demand.tokens.map((token) => this.#firstPlace(token, skipsSystem)),
    );
    const isWritten = this.#originAt(whole).by === "model";
    if (!isWritten && !demand.isOfWords) return whole;
    // Two or three digits are no evidence: any text may hold them.
    if (demand.parts.some(({ kind }) => kind === "short")) return whole;
    const parts = demand.parts.filter(
      (part) =>
        part.kind === "exact" && part.tokens.some(({ length }) => length > 2),
    );
    if (parts.length === 0) return whole;
    const places = parts.map((part) => this.#placeOf(part, skipsSystem));
    return Math.min(whole, Math.max(...places));
  }

  #firstPlace(token: string, skipsSystem: boolean): number {
    const places = this.#sightings.of(token);
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
    // Nowhere, or in a late answer to a call of an earlier stretch.
    return { by: "model", turn: Number.POSITIVE_INFINITY };
  }

  /**
   * A short number is known if a person or the model itself has written it
   * before. Else each output of the stretch that holds it may be where it comes
   * from, and only then what was said before the stretch.
   */
  #originOfShort(token: string, key: string, call: StretchCall): Origin {
    if (isNamingField(key)) {
      // "42 items" doesn't explain an id that a list has shown.
      const holders = this.#holdersOf(token, key, call.turn);
      if (holders.length > 0) return { by: "outputs", calls: holders };
    }
    const outputs: StretchCall[] = [];
    let wasShown = false;
    for (const place of this.#sightings.of(token)) {
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
   * Of a common value only the name of its field tells where it comes from. An
   * argument that names something has to come from somewhere; a page, a flag or
   * a count need not.
   */
  #originOfCommon(
    { token, isFlag }: Extract<Demand, { kind: "common" }>,
    key: string,
    call: StretchCall,
  ): Origin {
    const turn = this.#used.get(`${key}\0${token}`) ?? call.turn;
    const words = wordsOfField(key);
    const outputs = this.#holdersOf(token, key, turn);
    if (outputs.length > 0) return { by: "outputs", calls: outputs };
    const before = this.#sightings
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
    if (isFlag || isKnown || !isNamingField(key)) return KNOWN;
    return { by: "model", turn };
  }

  /** Calls before a turn whose output holds a value in a field of that name. */
  #holdersOf(token: string, key: string, turn: number): StretchCall[] {
    const words = wordsOfField(key);
    return this.#stretch.calls.filter(
      (earlier) => earlier.turn < turn && holdsField(earlier, words, token),
    );
  }

  /**
   * Words of a free text. One that an output showed first ties the call to it.
   * Those that nobody has said before are a model's way to put what it was
   * asked, as long as they are fewer than those that were said.
   *
   * @param said names and the like in that text that are known
   */
  #originsOfWords(words: readonly string[], said: number): Origin[] {
    const origins = words.map((word) =>
      this.#originAt(this.#firstPlace(word, false)),
    );
    const shown = origins.filter(({ by }) => by === "outputs");
    if (shown.length > 0) return shown;
    const added = origins.filter(isNew);
    return added.length * 2 >= origins.length + said ? added : [];
  }

  #shownBy(demand: Demand): StretchCall | undefined {
    if (demand.kind !== "exact") return undefined;
    return this.#sources[this.#placeOf(demand)]?.call;
  }
}

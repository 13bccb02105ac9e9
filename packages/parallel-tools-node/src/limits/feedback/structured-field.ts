/**
 * An item without its parameters. Tokens, strings and byte sequences (in their
 * colons) are strings here: no field that is read tells them apart.
 */
export type BareItem = string | number | boolean;

/** A member of a list, or of a dictionary under its key. */
export interface Member {
  readonly key: string;
  readonly value: BareItem;
  readonly parameters: ReadonlyMap<string, BareItem>;
}

// In this order: string, number, token, boolean, byte sequence, date. Within a
// pattern no two branches begin alike, so nothing is tried twice.
const BARE_ITEM =
  /"((?:[ !#-[\]-~]|\\["\\])*)"|(-?\d{1,12}\.\d{1,3}|-?\d{1,15})|([A-Za-z*][\w!#$%&'*+.^`|~:/-]*)|\?([01])|(:[A-Za-z0-9+/=]*:)|@(-?\d{1,15})/y;
const KEY = /[a-z*][a-z0-9_.*-]*/y;
const EQUALS = /=/y;
const COMMA = /[ \t]*,[ \t]*/y;
const SEMICOLON = /; */y;

/**
 * Reads a list of items (RFC 9651 section 4.2.1, which replaces RFC 8941).
 * Inner lists and display strings, which no rate limit field has, are refused
 * like anything malformed: the whole field is then not there.
 */
export function parseStructuredList(
  text: string | undefined,
): readonly Member[] | undefined {
  return text === undefined ? undefined : parseMembers(text, false);
}

/** Reads a dictionary of items (RFC 9651 section 4.2.2); the last of equal keys holds. */
export function parseStructuredDictionary(
  text: string | undefined,
): ReadonlyMap<string, Member> | undefined {
  const members = text === undefined ? undefined : parseMembers(text, true);
  return members && new Map(members.map((member) => [member.key, member]));
}

function parseMembers(text: string, keyed: boolean): Member[] | undefined {
  const scanner = new Scanner(text);
  const members: Member[] = [];
  do {
    const key = keyed ? scanner.take(KEY)?.[0] : "";
    if (key === undefined) return undefined;
    const value =
      keyed && !scanner.take(EQUALS) ? true : parseBareItem(scanner);
    const parameters = parseParameters(scanner);
    if (value === undefined || parameters === undefined) return undefined;
    members.push({ key, value, parameters });
  } while (scanner.take(COMMA));
  return scanner.done ? members : undefined;
}

function parseParameters(scanner: Scanner): Map<string, BareItem> | undefined {
  const parameters = new Map<string, BareItem>();
  while (scanner.take(SEMICOLON)) {
    const key = scanner.take(KEY)?.[0];
    const value = scanner.take(EQUALS) ? parseBareItem(scanner) : true;
    if (key === undefined || value === undefined) return undefined;
    parameters.set(key, value);
  }
  return parameters;
}

function parseBareItem(scanner: Scanner): BareItem | undefined {
  const match = scanner.take(BARE_ITEM);
  if (match === undefined) return undefined;
  const [, string, number, token, boolean, bytes, date] = match;
  if (string !== undefined) return string.replace(/\\(.)/g, "$1");
  if (boolean !== undefined) return boolean === "1";
  const digits = number ?? date;
  // There is a -0 in JavaScript that would go through as a count.
  return digits === undefined ? (token ?? bytes) : Number(digits) + 0;
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get done(): boolean {
    return this.#at === this.#text.length;
  }

  /** Moves behind what a sticky pattern matches here, if it does. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match;
  }
}

import { MAX_LENGTH, readReference } from "./reference.js";

/** A text that begins as a reference does, and can't be read as one. */
export interface NearMiss {
  /** As the model wrote it, e.g. `$1.items[-1].id`. */
  readonly text: string;
  /** 1-based place of the call that it begins with. */
  readonly ordinal: number;
  /** A reference of the right form that comes close to it. */
  readonly rightForm: string;
}

/** What other notations put around a reference. */
const WRAPPINGS = [
  /^\{\{\s*(.*?)\s*\}\}$/su,
  /^\{\s*(.*?)\s*\}$/su,
  /^<\s*(.*?)\s*>$/su,
  /^\(\s*(.*?)\s*\)$/su,
  /^(?<quote>["'`])\s*(.*?)\s*\k<quote>$/su,
];

/** `$1`, `${1`, `$01`, `$ 1` or `${$1`. */
const HEAD = /\$\s?(\{\s*\$?)?0*([1-9]\d{0,8})(?!\d)/uy;

/**
 * What follows `$1` in a path and in what is nearly one: `.items`, ` .items`,
 * `?.items`, `->items`, `..items`, `.*`, `."a b"`, `.00.items`, `[-1]`, ` || ""`.
 */
const PATH_LIKE =
  /\s*(?:\.[\p{L}_]|\?\.|\?\[|->[\p{L}_]|\.[[*."'`(]|\.\d+(?:\.[\p{L}_]|\[)|\|\||\?\?)|\[|\s+\[\s*[-\d"'*]/uy;

/** In braces nothing else than a path can follow: `${1.items[-1]}`. */
const PATH_IN_BRACES = /\s*(?:\[|\?\.|\.)/uy;

/** A step of a path, in any notation that models use. */
const ANY_STEP =
  /\s*(?:(?:\??\.{1,2}|->)\s*(?:([\p{L}_][\p{L}\p{N}_-]*)|(\d{1,9})(?![\p{L}\p{N}])|(["'`])(.{1,100}?)\3)|\??\.?\[\s*(?:(["'`])(.{1,100}?)\5|(\d{1,9})|[^\]]{0,100}?)\s*\])/uy;

/** The near miss that a whole string is. It is known not to be a reference. */
export function nearMissOf(source: string): NearMiss | undefined {
  if (source.length > MAX_LENGTH) return undefined;
  const text = source.trim();
  const inner = unwrap(text);
  const reference = readReference(inner, 0);
  const isWhole = reference?.text === inner;
  // `${1.id} is ready` is a text with a reference in it: not read unless asked.
  if (inner[1] === "{" && reference !== undefined && !isWhole) return undefined;
  const isMustache = text.startsWith("{{") && isWhole;
  return isMustache || pathFollows(inner) ? missOf(text, inner) : undefined;
}

/** The near miss within a text that begins at `from`, with `${` or `{{$`. */
export function nearMissAt(source: string, from: number): NearMiss | undefined {
  const close = source[from] === "{" ? "}}" : "}";
  const ahead = source.slice(from, from + MAX_LENGTH);
  const end = ahead.indexOf(close);
  if (end < 0) return undefined;
  const text = ahead.slice(0, end + close.length);
  const inner = unwrap(text);
  if (!pathFollows(inner)) return undefined;
  const { ordinal, rightForm } = missOf(text, inner);
  return { text, ordinal, rightForm: `\${${rightForm.slice(1)}}` };
}

function unwrap(text: string): string {
  for (const wrapping of WRAPPINGS) {
    const inner = wrapping.exec(text)?.at(-1);
    if (inner?.startsWith("$")) return inner;
  }
  return text;
}

function pathFollows(text: string): boolean {
  HEAD.lastIndex = 0;
  const head = HEAD.exec(text);
  if (head === null) return false;
  const pattern = head[1] === undefined ? PATH_LIKE : PATH_IN_BRACES;
  pattern.lastIndex = HEAD.lastIndex;
  return pattern.test(text);
}

function missOf(text: string, inner: string): NearMiss {
  HEAD.lastIndex = 0;
  const ordinal = Number(HEAD.exec(inner)?.[2]);
  let rightForm = `$${ordinal}`;
  ANY_STEP.lastIndex = HEAD.lastIndex;
  for (
    let step = ANY_STEP.exec(inner);
    step !== null;
    step = ANY_STEP.exec(inner)
  ) {
    const [, name, dotted, , afterDot, , inBrackets, index] = step;
    const quoted = afterDot ?? inBrackets;
    if (name !== undefined) rightForm += `.${name}`;
    else if (quoted !== undefined) rightForm += `[${JSON.stringify(quoted)}]`;
    else rightForm += `[${Number(dotted ?? index ?? 0)}]`;
  }
  return { text, ordinal, rightForm };
}

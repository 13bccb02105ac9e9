import { MAX_LENGTH, readReference } from "./reference.js";

/** A text that begins as a reference does, and can't be read as one. */
export interface NearMiss {
  /** As the model wrote it, e.g. `$1.items[-1].id`. */
  readonly text: string;
  /** 1-based place of the call that it begins with. */
  readonly ordinal: number;
  /**
   * A name follows the call, as in `$1.items[-1]`. So it is meant as a reference,
   * whichever call it points to.
   */
  readonly isPath: boolean;
  /** A reference of the right form that comes close to it. */
  readonly rightForm: string;
}

/** What other notations put around a reference. */
const WRAPPINGS = [
  ["{{{", "}}}"],
  ["${{", "}}"],
  ["{{", "}}"],
  ["{", "}"],
  ["#{", "}"],
  ["<%=", "%>"],
  ["<", ">"],
  ["(", ")"],
  ["[", "]"],
  ["**", "**"],
  ['"', '"'],
  ["'", "'"],
  ["`", "`"],
  ["\u201c", "\u201d"],
] as const;

/** `$1`, `${1`, `$01` or `${$1`. */
const HEAD = /\$(\{[ \t]*\$?)?0*([1-9]\d{0,8})(?!\d)/uy;

/** A name that follows the head: `.items`, also ` .items` and `->items`. */
const NAME = /[ \t]*(?:\.|\?\.|->)[\p{L}_]/uy;

/** What a path has in brackets, and nearly has: `[0]`, `[-1]`, `[*]`, `[id]`. */
const BRACKETS =
  /[ \t]*(?:\?\.)?\.?\[[ \t]*(?:\d+[ \t]*\]|-\d|\*|\?|\]|["'`]|\d*:\d*[ \t]*\]|[\p{L}_][\p{L}\p{N}_]*[ \t]*\])/uy;

/** What else follows `$1` in what is nearly a path. */
const AFTER_NUMBER = [
  /** `..items` */
  /\.\.(?!\.)[\p{L}_]/uy,
  /** `."a b"` */
  /\.["'`]/uy,
  /** `.00.items` */
  /\.\d+\.[\p{L}_]/uy,
  /** ` || "none"`, ` ?? 0` */
  /[ \t]+(?:\|\||\?\?)[ \t]*["'[{]/uy,
  /[ \t]+\?\?[ \t]*\d/uy,
];

/** In braces nothing else than a path can follow: `${1.*}`. */
const IN_BRACES = /[ \t]*\??\./uy;

/** A step of a path, in any notation that models use. */
const ANY_STEP =
  /[ \t]*(?:(?:\??\.{1,2}|->)[ \t]*(?:([\p{L}_][\p{L}\p{N}_-]*)|(\d{1,9})(?![\p{L}\p{N}])|(["'`])(.{1,100}?)\3)|\??\.?\[[ \t]*(?:(["'`])(.{1,100}?)\5|(\d{1,9})|([\p{L}_][\p{L}\p{N}_-]*)|[^\]]{0,100}?)[ \t]*\])/uy;

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
  const isMustache = inner !== text && readReference(inner, 0)?.text === inner;
  if (!isMustache && !pathFollows(inner)) return undefined;
  const miss = missOf(text, inner);
  return { ...miss, rightForm: `\${${miss.rightForm.slice(1)}}` };
}

/** Takes off what stands around a reference, also in several layers. */
function unwrap(text: string): string {
  let inner = text;
  for (let before = ""; before !== inner; ) {
    before = inner;
    const wrapping = WRAPPINGS.find(
      ([open, close]) =>
        inner.length > open.length + close.length &&
        inner.startsWith(open) &&
        inner.endsWith(close),
    );
    if (wrapping === undefined) break;
    const [open, close] = wrapping;
    inner = inner.slice(open.length, -close.length).trim();
  }
  return inner.startsWith("$") ? inner : text;
}

function pathFollows(text: string): boolean {
  const head = matchAt(HEAD, text, 0);
  if (head === null) return false;
  const from = HEAD.lastIndex;
  const follows = (pattern: RegExp) => matchAt(pattern, text, from) !== null;
  if (follows(NAME)) return true;
  if (head[1] !== undefined) return follows(IN_BRACES) || follows(BRACKETS);
  // `$1 [0]` is a price and a footnote rather than an item.
  const isClose = text[from] !== " " && text[from] !== "\t";
  return (isClose && follows(BRACKETS)) || AFTER_NUMBER.some(follows);
}

function missOf(text: string, inner: string): NearMiss {
  const ordinal = Number(matchAt(HEAD, inner, 0)?.[2]);
  const from = HEAD.lastIndex;
  const isPath = matchAt(NAME, inner, from) !== null;
  let rightForm = `$${ordinal}`;
  ANY_STEP.lastIndex = from;
  for (
    let step = ANY_STEP.exec(inner);
    step !== null;
    step = ANY_STEP.exec(inner)
  ) {
    const [, afterDot, dotted, , quotedAfterDot, , quoted, index, bare] = step;
    const name = afterDot ?? bare;
    const anyName = quotedAfterDot ?? quoted;
    if (name !== undefined) rightForm += `.${name}`;
    else if (anyName !== undefined) rightForm += `[${JSON.stringify(anyName)}]`;
    else rightForm += `[${Number(dotted ?? index ?? 0)}]`;
  }
  return { text, ordinal, isPath, rightForm };
}

/** @param pattern sticky; its `lastIndex` is then the end of the match */
function matchAt(
  pattern: RegExp,
  text: string,
  from: number,
): RegExpExecArray | null {
  pattern.lastIndex = from;
  return pattern.exec(text);
}

/** A placeholder for the output of another call, or for a part of it. */
export interface Reference {
  /** As the model wrote it, e.g. `$1.items[0].id`. */
  readonly text: string;
  /** 1-based place of the call in its message. */
  readonly ordinal: number;
  /** Where in that call's output; empty for all of it. */
  readonly path: readonly (string | number)[];
  /** `$5` without a path or braces, as an amount of money may look. */
  readonly isBare: boolean;
}

/** Longer texts are not read as references. */
export const MAX_LENGTH = 1_000;

const HEAD = /\$(\{\s*)?(0|[1-9]\d{0,8})(?!\d)/y;
const TAIL = /\s*\}/y;
// Without the bound on quoted names a long text would overflow the stack.
const STEP =
  /\.([\p{L}_][\p{L}\p{N}_-]*)|\[\s*(0|[1-9]\d{0,8})\s*\]|\[\s*"((?:[^"\\]|\\["\\]){0,1000})"\s*\]|\[\s*'((?:[^'\\]|\\['\\]){0,1000})'\s*\]/uy;
/** `.0` for `[0]`, not followed by more of a number. */
const DOTTED_INDEX = /\.(0|[1-9]\d{0,8})(?![\p{L}\p{N}_-])/uy;
/** After a bare `$1` only before another step: `$1.50` is an amount. */
const FIRST_DOTTED_INDEX = /\.(0|[1-9]\d{0,8})(?=\.[\p{L}_]|\[)/uy;

/**
 * Reads the reference that begins at `from`: `$N` or `${N}`, then a path of
 * `.name`, `[0]` and `["any name"]`. Also read is what can mean nothing else:
 * `['any name']`, `.0` for `[0]`, and spaces within braces and brackets. A first
 * `.output` is allowed and means nothing.
 *
 * @returns `undefined` if there is none
 */
export function readReference(
  source: string,
  from: number,
): Reference | undefined {
  HEAD.lastIndex = from;
  const head = HEAD.exec(source);
  if (head === null) return undefined;
  const isBraced = head[1] !== undefined;
  const path: (string | number)[] = [];
  let end = HEAD.lastIndex;
  for (;;) {
    const mayBeAmount = !isBraced && path.length === 0;
    const dotted = mayBeAmount ? FIRST_DOTTED_INDEX : DOTTED_INDEX;
    const step = readStep(source, end, dotted);
    if (step === undefined || step.end - from > MAX_LENGTH) break;
    path.push(step.key);
    end = step.end;
  }
  if (isBraced) {
    TAIL.lastIndex = end;
    if (!TAIL.test(source)) return undefined;
    end = TAIL.lastIndex;
  }
  const hasPath = path.length > 0;
  if (path[0] === "output") path.shift();
  return {
    text: source.slice(from, end),
    ordinal: Number(head[2]),
    path,
    isBare: !isBraced && !hasPath,
  };
}

function readStep(
  source: string,
  from: number,
  dottedIndex: RegExp,
): { readonly key: string | number; readonly end: number } | undefined {
  dottedIndex.lastIndex = from;
  const dotted = dottedIndex.exec(source);
  if (dotted !== null) {
    return { key: Number(dotted[1]), end: dottedIndex.lastIndex };
  }
  STEP.lastIndex = from;
  const step = STEP.exec(source);
  if (step === null) return undefined;
  const [, name, index, double, single] = step;
  const quoted = double ?? single;
  const key =
    index === undefined
      ? (name ?? (quoted as string).replaceAll(/\\(.)/g, "$1"))
      : Number(index);
  return { key, end: STEP.lastIndex };
}

/**
 * The reference that a string is as a whole, apart from space around it;
 * `undefined` if it is none.
 */
export function parseReference(source: string): Reference | undefined {
  if (source.length > MAX_LENGTH) return undefined;
  const trimmed = source.trim();
  if (trimmed[0] !== "$") return undefined;
  const reference = readReference(trimmed, 0);
  return reference?.text.length === trimmed.length ? reference : undefined;
}

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
const MAX_LENGTH = 1_000;

const HEAD = /\$(\{?)(0|[1-9]\d{0,8})(?!\d)/y;
// Without the bound on quoted names a long text would overflow the stack.
const STEP =
  /\.([\p{L}_][\p{L}\p{N}_-]*)|\[(0|[1-9]\d{0,8})\]|\["((?:[^"\\]|\\["\\]){0,1000})"\]/uy;

/**
 * Reads the reference that begins at `from`: `$N` or `${N}`, then a path of
 * `.name`, `[0]` and `["any name"]`. A first `.output` is allowed and means
 * nothing. A name after a dot begins with a letter, so `$1.50` is an amount and
 * no reference.
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
  const isBraced = head[1] === "{";
  const path: (string | number)[] = [];
  let end = HEAD.lastIndex;
  for (;;) {
    STEP.lastIndex = end;
    const step = STEP.exec(source);
    if (step === null || STEP.lastIndex - from > MAX_LENGTH) break;
    end = STEP.lastIndex;
    const [, name, index, quoted] = step;
    if (index !== undefined) path.push(Number(index));
    else path.push(name ?? (quoted as string).replaceAll(/\\(.)/g, "$1"));
  }
  if (isBraced) {
    if (source[end] !== "}") return undefined;
    end += 1;
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

/** The reference that a string is as a whole; `undefined` if it is none. */
export function parseReference(source: string): Reference | undefined {
  if (source[0] !== "$" || source.length > MAX_LENGTH) return undefined;
  const reference = readReference(source, 0);
  return reference?.text.length === source.length ? reference : undefined;
}

const SPACE = /[ \t\n\r]*/y;
// oxlint-disable-next-line no-control-regex -- JSON forbids them in strings
const STRING = /"(?:[^"\\\u0000-\u001f]+|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*"/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/**
 * The index at which a text stops being JSON. For texts that `JSON.parse`
 * refuses: not every version of Node names the place in its error.
 */
export function findJsonError(text: string): number {
  let at = 0;
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const [match] = pattern.exec(text) ?? [];
    if (match === undefined) return false;
    at += match.length;
    return true;
  };
  const skipChar = (char: string): boolean => {
    skip(SPACE);
    if (text[at] !== char) return false;
    at += 1;
    return true;
  };
  const skipKey = () => {
    skip(SPACE);
    return skip(STRING) && skipChar(":");
  };
  const open: ("{" | "[")[] = [];
  for (;;) {
    skip(SPACE);
    // A value has to begin here.
    if (skipChar("{")) {
      if (!skipChar("}")) {
        if (!skipKey()) return at;
        open.push("{");
        continue;
      }
    } else if (skipChar("[")) {
      if (!skipChar("]")) {
        open.push("[");
        continue;
      }
    } else if (!skip(STRING) && !skip(SCALAR)) return at;
    // A value has ended here.
    for (;;) {
      const around = open.at(-1);
      if (around === undefined) return at;
      if (skipChar(",")) {
        if (around === "{" && !skipKey()) return at;
        break;
      }
      if (!skipChar(around === "{" ? "}" : "]")) return at;
      open.pop();
    }
  }
}

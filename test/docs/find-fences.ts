/** A fenced code block of a document or of a docstring. */
export interface Fence {
  /** Path of the file, relative to the repository. */
  file: string;
  /** Line of the file, 1-based, on which the code begins. */
  line: number;
  code: string;
}

/**
 * The ` ```ts ` fences of a text. In a source file only docstrings are read,
 * without the stars before their lines.
 */
export function findFences(file: string, text: string): Fence[] {
  const lines = file.endsWith(".md")
    ? text.split("\n")
    : docstringLines(text.split("\n"));
  const fences: Fence[] = [];
  let open: { marker: string; wanted: boolean; line: number } | undefined;
  let indent = 0;
  let code: string[] = [];
  for (const [index, line] of lines.entries()) {
    const fence = /^(\s*)(`{3,}|~{3,})\s*([\w-]*)/.exec(line ?? "");
    if (open === undefined) {
      if (fence === null) continue;
      const [, space = "", marker = "", language = ""] = fence;
      indent = space.length;
      code = [];
      open = {
        marker,
        wanted: /^(?:ts|typescript)$/.test(language),
        line: index + 2,
      };
    } else if (line === undefined || line.trim() === open.marker) {
      if (open.wanted) {
        fences.push({ file, line: open.line, code: code.join("\n") });
      }
      open = undefined;
    } else {
      code.push(line.slice(Math.min(indent, line.search(/\S|$/))));
    }
  }
  return fences;
}

/** The lines of docstrings; `undefined` for every line outside of them. */
function docstringLines(lines: readonly string[]): (string | undefined)[] {
  let inside = false;
  return lines.map((line) => {
    if (!inside) {
      inside = /^\s*\/\*\*/.test(line) && !line.includes("*/");
      return undefined;
    }
    if (line.includes("*/")) {
      inside = false;
      return undefined;
    }
    return line.replace(/^\s*\* ?/, "");
  });
}

const CHUNK = /[^\s"'`,;(){}[\]<>|=&?#*+^!]+/g;
const EDGES = new Set(".:-/$€£¥%~@_\\…");

/**
 * The pieces of a text between spaces, brackets and quotes, without punctuation
 * at their edges.
 */
export function chunksOf(text: string): string[] {
  return (text.match(CHUNK) ?? []).map(trim).filter((chunk) => chunk !== "");
}

/** The parts of a chunk, one level down; empty for a word. */
export function partsOf(chunk: string): string[] {
  for (const separator of [/[/\\]+/, /[.@:$%~]+/, /[_-]+/]) {
    const parts = chunk
      .split(separator)
      .map(trim)
      .filter((part) => part !== "");
    if (parts.length > 1) return parts;
  }
  return [];
}

/** A word without the `s` of the plural; any other chunk unchanged. */
export function stem(chunk: string): string {
  if (chunk.length < 4 || !chunk.endsWith("s")) return chunk;
  if (!/^\p{L}+$/u.test(chunk) || chunk.endsWith("ss")) return chunk;
  return chunk.endsWith("ies") ? `${chunk.slice(0, -3)}y` : chunk.slice(0, -1);
}

function trim(chunk: string): string {
  let from = 0;
  let to = chunk.length;
  while (from < to && EDGES.has(chunk[from] as string)) from += 1;
  while (to > from && EDGES.has(chunk[to - 1] as string)) to -= 1;
  return chunk.slice(from, to);
}

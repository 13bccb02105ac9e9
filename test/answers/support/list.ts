/** Texts, each below the words that say when it is used. */
export function list(texts: Readonly<Record<string, string>>): string {
  return Object.entries(texts)
    .map(([when, text]) => `${when}\n${text.replaceAll(/^/gm, "    ")}`)
    .join("\n");
}

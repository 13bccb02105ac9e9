/** A copy of JSON data with each of its strings mapped, keys left alone. */
export function mapTexts(
  data: unknown,
  map: (text: string) => unknown,
): unknown {
  if (typeof data === "string") return map(data);
  if (Array.isArray(data)) return data.map((item) => mapTexts(item, map));
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, mapTexts(value, map)]),
  );
}

/** The strings in JSON data, keys left out. */
export function textsIn(data: unknown): string[] {
  const texts: string[] = [];
  mapTexts(data, (text) => texts.push(text));
  return texts;
}

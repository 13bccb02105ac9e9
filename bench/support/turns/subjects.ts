/** What a question asks about, e.g. the height of the Burj Khalifa. */
export interface Subject {
  readonly name: string;
  readonly property: string;
  readonly unit: string;
}

/** A word of the question, the property that it asks for, and its unit. */
const PROPERTIES: readonly (readonly [RegExp, string, string])[] = [
  [/depth|deep|shallow/i, "depth", "m"],
  [/population|populous/i, "population", "people"],
  [/height|high|tall|stack|tower/i, "height", "m"],
  [/length|long|river/i, "length", "km"],
  [/speed|fast|slow|velocity|sprint/i, "top speed", "km/h"],
  [/./, "area", "km^2"],
];

/** They come before a name. */
const LEAD = new Set(
  "the,of,Above,After,Among,Answer,Assuming,Calculate,Compute,Considering,Determine,Factoring,Given,Identify,If,In,Out,Suppose,Take,Taking,The,Upon,What,When,Which,With".split(
    ",",
  ),
);

/** Capitalised words in a row, `of` and the like between them. */
const NAME = /\p{Lu}[\p{L}\d-]*(?:(?: (?:of|the|de))* \p{Lu}[\p{L}\d-]*)*/gu;

/** Animals have no capitals: `a peregrine falcon`. */
const KIND = /\ban? ((?:peregrine )?[a-z]+)(?= that|'s| \w+ing| \w+s\b| with)/g;

/** The first `count` things that a question names; if it names fewer, again. */
export function subjectsOf(question: string, count: number): Subject[] {
  const [, property, unit] = PROPERTIES.find(([word]) => word.test(question))!;
  const names = new Set(
    [...question.matchAll(NAME)].map(([name]) => withoutLead(name)),
  );
  names.delete("");
  if (names.size < count) {
    for (const [, name = ""] of question.matchAll(KIND)) names.add(name);
  }
  const listed = [...names];
  return Array.from({ length: count }, (_, place) => ({
    name: listed[place % listed.length]!,
    property,
    unit,
  }));
}

function withoutLead(name: string): string {
  const words = name.split(" ");
  while (LEAD.has(words[0] ?? "")) words.shift();
  return words.join(" ");
}

import type { SeededRandom } from "../seeded-random.js";
import type { Nestful, NestfulItem, ParameterSpec } from "./nestful.js";
import { referencesIn } from "./translate-plan.js";

/** Some look like references, numbers or JSON, and have to stay what they are. */
const TEXTS = [
  "plain words",
  "",
  "42",
  "true",
  "null",
  "$1",
  "${1}",
  "$2.name",
  '{"a":1}',
  'a "quoted" \\ text\nof two lines',
  "Zürich 東京 🚀",
  "__proto__",
];

const TYPES = ["number", "integer", "string", "boolean", "array", "object"];

/**
 * Outputs for the calls of a plan: of the types that the tools' specifications
 * name, with a value at each path that another call refers to.
 */
export function standInOutputs(
  item: NestfulItem,
  specs: Nestful["outputs"],
  random: SeededRandom,
): unknown[] {
  const references = referencesIn(item);
  return item.output.map(({ name }, index) => {
    const spec = Object.entries(specs.get(name) ?? {});
    const paths = references
      .filter(({ target }) => target === index)
      .map(({ path }) => path)
      .filter((path) => path.length > 0);
    if (spec.length === 0 && paths.length === 0) return wholeOutput(random);
    const output = Object.fromEntries(
      spec.map(([field, parameter]) => [field, valueFor(parameter, random)]),
    );
    for (const path of paths) ensure(output, path, random);
    return output;
  });
}

/**
 * Of a tool of which nothing is known. No text that is JSON, since it counts as
 * what it says: a tool's message doesn't tell the two apart. No content blocks,
 * which LangChain takes for the message's content.
 */
function wholeOutput(random: SeededRandom): unknown {
  return pick(
    [
      "plain words",
      "$1 and ${1}",
      random.integer(-1_000, 1_000),
      random.next() * 1_000,
      true,
      false,
      [],
      [random.integer(1, 9), "two", [null]],
      [{ id: random.integer(1, 9) }, { id: "two" }],
      { field: valueOf("string", random) },
    ],
    random,
  );
}

function valueFor(spec: ParameterSpec, random: SeededRandom): unknown {
  const { items } = spec;
  if (spec.type !== "array" || items === undefined) {
    return valueOf(spec.type, random);
  }
  return Array.from({ length: random.integer(0, 3) }, () =>
    items.properties === undefined
      ? valueOf(items.type, random)
      : Object.fromEntries(
          Object.entries(items.properties).map(([field, parameter]) => [
            field,
            valueFor(parameter, random),
          ]),
        ),
  );
}

function valueOf(type: string, random: SeededRandom): unknown {
  switch (type) {
    case "number":
      return pick([random.next() * 1e6, -random.next(), 0, 1e21], random);
    case "integer":
      return random.integer(-1_000_000, 1_000_000);
    case "boolean":
      return random.next() < 0.5;
    case "array":
      return Array.from({ length: random.integer(0, 3) }, () =>
        pick([null, random.integer(0, 9), pick(TEXTS, random)], random),
      );
    case "object":
      return { [pick(TEXTS.slice(0, 3), random)]: random.integer(0, 9) };
    default:
      // Texts, and files by their path.
      return pick(TEXTS, random);
  }
}

/** Makes a value of any type where the specification knows of none. */
function ensure(
  output: unknown,
  path: readonly (string | number)[],
  random: SeededRandom,
): void {
  let at = output as Record<string | number, unknown>;
  for (const [depth, step] of path.entries()) {
    const next = path[depth + 1];
    const known = at[step];
    const isInner = typeof known === "object" && known !== null;
    if (next === undefined) {
      if (known === undefined) at[step] = valueOf(pick(TYPES, random), random);
    } else if (!isInner) {
      at[step] = typeof next === "number" ? [] : {};
    }
    at = at[step] as Record<string | number, unknown>;
  }
}

function pick<T>(values: readonly T[], random: SeededRandom): T {
  return values[random.integer(0, values.length - 1)] as T;
}

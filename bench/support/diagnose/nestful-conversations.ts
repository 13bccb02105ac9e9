import type { Nestful, NestfulItem, ParameterSpec } from "../corpus/nestful.js";
import { referencesIn, translatePlan } from "../corpus/translate-plan.js";
import { SeededRandom } from "../seeded-random.js";

/** A plan that was carried out with one call per turn. */
export interface CarriedOutPlan {
  /** In the form of OpenAI's chat API. */
  readonly messages: object[];
  /** By call, the indexes of those whose outputs it needed. */
  readonly targets: readonly (readonly number[])[];
}

/**
 * Carries out NESTFUL's plans as an agent would that makes one call per turn.
 * Outputs are seeded stand-ins of the specified types with values as tools give
 * them: names, ids, amounts of one to six digits, flags. Plans that are
 * malformed in the data are left out.
 */
export function carryOut({ items, outputs: specs }: Nestful): CarriedOutPlan[] {
  return items.flatMap((item, place) => {
    const plan = translatePlan(item);
    if (plan.broken.size > 0) return [];
    const outputs = outputsOf(item, specs, new SeededRandom(place));
    const steps = plan.calls.flatMap(({ id, name }, index) => [
      {
        role: "assistant",
        content: null,
        tool_calls: [
          {
            id,
            type: "function",
            function: {
              name,
              arguments: JSON.stringify(plan.argsOf(index, outputs)),
            },
          },
        ],
      },
      {
        role: "tool",
        tool_call_id: id,
        content: JSON.stringify(outputs[index]),
      },
    ]);
    const messages = [{ role: "user", content: item.input }, ...steps];
    return [{ messages, targets: plan.targets }];
  });
}

function outputsOf(
  item: NestfulItem,
  specs: Nestful["outputs"],
  random: SeededRandom,
): unknown[] {
  const references = referencesIn(item);
  return item.output.map(({ name }, index) => {
    const output: Record<string, unknown> = Object.fromEntries(
      Object.entries(specs.get(name) ?? {}).map(([field, spec]) => [
        field,
        valueOf(spec, random),
      ]),
    );
    for (const { target, path } of references) {
      if (target === index) ensure(output, path, random);
    }
    return output;
  });
}

/** What is referred to is there, whether or not the specification knows of it. */
function ensure(
  output: Record<string, unknown>,
  path: readonly (string | number)[],
  random: SeededRandom,
): void {
  let at = output as Record<string | number, unknown>;
  for (const [depth, step] of path.entries()) {
    const next = path[depth + 1];
    const isInner = typeof at[step] === "object" && at[step] !== null;
    if (next === undefined) at[step] ??= word(random);
    else if (!isInner) at[step] = typeof next === "number" ? [] : {};
    at = at[step] as Record<string | number, unknown>;
  }
}

function valueOf(spec: ParameterSpec, random: SeededRandom): unknown {
  switch (spec.type) {
    case "number":
      return Math.round(amount(random) * 100) / 100;
    case "integer":
      return Math.round(amount(random));
    case "boolean":
      return random.next() < 0.5;
    case "array":
      return Array.from({ length: random.integer(1, 3) }, () =>
        spec.items?.properties === undefined
          ? valueOf({ type: spec.items?.type ?? "string" }, random)
          : Object.fromEntries(
              Object.entries(spec.items.properties).map(([name, inner]) => [
                name,
                valueOf(inner, random),
              ]),
            ),
      );
    case "object":
      return { name: word(random), id: `${word(random)}-${amount(random)}` };
    default:
      return word(random);
  }
}

/** From 1 to 999,999; of few digits as often as of many. */
function amount(random: SeededRandom): number {
  return 10 ** (6 * random.next());
}

function word(random: SeededRandom): string {
  const syllables = ["ka", "lo", "mer", "tin", "vas", "ube", "dor", "shi"];
  return Array.from(
    { length: random.integer(2, 4) },
    () => syllables[random.integer(0, syllables.length - 1)],
  ).join("");
}

import { measureHeights } from "./schema-heights.js";
import {
  isSchemaObject,
  type JsonSchema,
  mapSubschemas,
  roleOf,
} from "./schema-keywords.js";
import { SchemaPointers } from "./schema-pointers.js";
import { takesNothing, takesReferences } from "./schema-takes-references.js";

/**
 * The deepest schema, the root being 0. OpenAI allows "up to 10 levels of
 * nesting" in a strict schema and doesn't say what a level is; each sub-schema
 * is one here, branches of `anyOf` included, as openai-java counts them
 * (`JsonSchemaValidator.kt`).
 */
const MAX_LEVEL = 10;

/** They say nothing of what is valid. */
const ANNOTATIONS = new Set([
  "title",
  "description",
  "default",
  "examples",
  "deprecated",
  "readOnly",
  "writeOnly",
  "$comment",
]);

/**
 * Widens the schema of a tool's arguments: wherever a part of them is due, a
 * reference is valid too. `number` becomes `anyOf: [number, reference]`; the
 * root stays what it is, and so does whatever takes any string already.
 *
 * - The reference is written out at each place: Gemini has no `$ref`, and takes
 *   nothing beside `anyOf`, so a description stays with the original.
 * - `oneOf` becomes `anyOf`: a reference may be valid in several branches.
 * - `not`, `if`, `contains` and `propertyNames` are left as they are: what they
 *   ask is settled when the reference is resolved. So are values of `const` and
 *   `enum`, which a reference replaces as a whole, and schemas with an `$id`.
 * - A place where `anyOf` would lead beyond ten levels is left as it is; what
 *   stands at the end of a deep nesting comes before the objects around it.
 *
 * @returns a copy that shares what it doesn't change; the schema itself if it
 *   is beyond 100,000 sub-schemas or 200 levels, or cyclic
 */
export function widenSchema(schema: JsonSchema): JsonSchema {
  const heights = measureHeights(schema);
  return heights === undefined ? schema : new Widening(heights).widen(schema);
}

/** Where a schema stands: its pointer, before and after, and its level after. */
interface Spot {
  readonly from: string;
  readonly to: string;
  readonly level: number;
}

const ROOT: Spot = { from: "#", to: "#", level: 0 };

type Draft = Record<string, unknown>;

class Widening {
  readonly #heights: ReadonlyMap<object, number>;
  readonly #pointers = new SchemaPointers();
  /** Copies with a `$ref`: where it leads is known in the end. */
  readonly #links: Draft[] = [];

  constructor(heights: ReadonlyMap<object, number>) {
    this.#heights = heights;
  }

  widen(root: JsonSchema): JsonSchema {
    const widened = this.#copy(root, ROOT, false);
    for (const link of this.#links) {
      link["$ref"] = this.#pointers.follow(link["$ref"] as string);
    }
    return widened;
  }

  #widenPart(schema: unknown, spot: Spot): unknown {
    if (!isSchemaObject(schema)) return schema;
    const copy = (at: Spot) => this.#widenInside(schema, at) as Draft;
    if (takesReferences(schema) || takesNothing(schema)) return copy(spot);
    if (isUnion(schema)) {
      const union = copy(spot);
      (union["anyOf"] as unknown[]).push(reference());
      return union;
    }
    if (!this.#hasRoom(schema, spot.level)) return copy(spot);
    const first = { from: spot.from, to: `${spot.to}/anyOf/0` };
    return {
      anyOf: [copy({ ...first, level: spot.level + 1 }), reference()],
    };
  }

  #widenInside(schema: unknown, spot: Spot): unknown {
    if (!isSchemaObject(schema)) return schema;
    // Its pointers start at itself, and it may be known elsewhere by its name.
    if (typeof schema["$id"] === "string") return schema;
    return this.#copy(schema, spot, false);
  }

  #copy(schema: JsonSchema, spot: Spot, isCondition: boolean): Draft {
    this.#pointers.move(spot.from, spot.to);
    const copy = Object.fromEntries(
      Object.entries(schema).map(([keyword, value]) => {
        const isRenamed =
          keyword === "oneOf" && !isCondition && schema["anyOf"] === undefined;
        const newKeyword = isRenamed ? "anyOf" : keyword;
        // `oneOf` beside `anyOf` can't be renamed, nor can it be widened.
        const isKept = isCondition || (keyword === "oneOf" && !isRenamed);
        const role = isKept ? "condition" : roleOf(keyword);
        if (roleOf(keyword) === undefined) return [keyword, value];
        const visit = (inner: unknown, pointer: string) => {
          const at = {
            from: `${spot.from}/${keyword}${pointer}`,
            to: `${spot.to}/${newKeyword}${pointer}`,
            level: spot.level + 1,
          };
          if (role === "part") return this.#widenPart(inner, at);
          if (role === "same") return this.#widenInside(inner, at);
          return isSchemaObject(inner) ? this.#copy(inner, at, true) : inner;
        };
        return [newKeyword, mapSubschemas(keyword, value, visit)];
      }),
    );
    if (typeof copy["$ref"] === "string") this.#links.push(copy);
    return copy;
  }

  /** Room for one `anyOf` here, and for one more at the deepest place below. */
  #hasRoom(schema: JsonSchema, level: number): boolean {
    const height = this.#heights.get(schema) ?? 0;
    return level + height + (height > 0 ? 2 : 1) <= MAX_LEVEL;
  }
}

/** A choice and nothing else, to which a branch can be added. */
function isUnion(schema: JsonSchema): boolean {
  const keywords = Object.keys(schema).filter((key) => !ANNOTATIONS.has(key));
  const [union] = keywords;
  return keywords.length === 1 && (union === "anyOf" || union === "oneOf");
}

/**
 * What a reference looks like to a model, in few tokens: it is paid for at each
 * place and in each turn, and `referenceInstructions` says the rest. The pattern
 * is a guide, and simple enough for every provider's grammar; the node reads
 * references itself.
 */
function reference(): JsonSchema {
  return { type: "string", pattern: "^\\$[1-9{]" };
}

import { measureHeights } from "./schema-heights.js";
import {
  isSchemaObject,
  type JsonSchema,
  mapSubschemas,
  roleOf,
} from "./schema-keywords.js";
import { takesNothing, takesReferences } from "./schema-takes-references.js";

/**
 * The deepest schema, the root being 0. OpenAI allows "up to 10 levels of
 * nesting" in a strict schema and doesn't say what a level is. Here each
 * sub-schema is one, also a branch of `anyOf`, as in openai-java
 * (`JsonSchemaValidator.kt`).
 */
const MAX_LEVEL = 10;

/** Keywords that have no effect on what is valid. */
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
 * Widens the schema of a tool's arguments so that a reference is valid in place
 * of any part of them. `number` becomes `anyOf: [number, reference]`. The root
 * stays as it is, and so does a schema that accepts any string already.
 *
 * - The reference's schema is repeated at each place: Gemini has no `$ref`. It
 *   also allows nothing beside `anyOf`, so a description stays with the original.
 * - `oneOf` becomes `anyOf`: a reference may be valid in several branches.
 * - `not`, `if`, `contains` and `propertyNames` are left as they are: they are
 *   checked when the reference has been resolved. So are the values of `const`
 *   and `enum`, which a reference replaces as a whole, and schemas with an `$id`.
 * - A place where `anyOf` would go beyond ten levels is left as it is. The ends of
 *   a deep nesting are widened before the objects around them.
 *
 * @returns a copy that shares unchanged parts; the schema itself if it has more
 *   than 100,000 sub-schemas or 200 levels, or is cyclic
 */
export function widenSchema(schema: JsonSchema): JsonSchema {
  const heights = measureHeights(schema);
  return heights === undefined ? schema : new Widening(heights).widen(schema);
}

/** Where a schema is: its pointer before and after, and its level after. */
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
  /** Copies with a `$ref`, which are rewritten once all schemas have moved. */
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
    // Pointers inside it start at itself, and other schemas may refer to its id.
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
        // `oneOf` beside `anyOf` can be neither renamed nor widened.
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

/**
 * The new places of schemas in a document, by JSON pointer (RFC 6901) in a URI
 * fragment, e.g. `#/properties/user`. A `$ref` may point to any of them, as those
 * of zod 3 do.
 */
class SchemaPointers {
  readonly #moved = new Map<string, string>();

  move(from: string, to: string): void {
    if (from !== to) this.#moved.set(from, to);
  }

  /** The new value of a `$ref`. One that points elsewhere stays as it is. */
  follow(ref: string): string {
    if (!ref.startsWith("#/")) return ref;
    try {
      const pointer = decodeURIComponent(ref);
      for (
        let end = pointer.length;
        end > 0;
        end = pointer.lastIndexOf("/", end - 1)
      ) {
        const to = this.#moved.get(pointer.slice(0, end));
        if (to !== undefined) return encodeURI(to + pointer.slice(end));
      }
    } catch {
      // It is no URI, so it is left as it is.
    }
    return ref;
  }
}

/** Whether a schema is nothing but a choice, which can get another branch. */
function isUnion(schema: JsonSchema): boolean {
  const keywords = Object.keys(schema).filter((key) => !ANNOTATIONS.has(key));
  const [union] = keywords;
  return keywords.length === 1 && (union === "anyOf" || union === "oneOf");
}

/**
 * The schema of a reference, as a model sees it. It costs tokens at each place
 * and in each turn, so it is short, and `referenceInstructions` says the rest.
 * The pattern is only a guide, simple enough for every provider's grammar: the
 * node reads references itself.
 */
function reference(): JsonSchema {
  return { type: "string", pattern: "^\\$[1-9{]" };
}

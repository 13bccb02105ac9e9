import type { FoundReferences, Place } from "./find-references.js";
import type { Reference } from "./reference.js";

/** What references stand for. The errors of its functions are thrown. */
export interface ReferenceValues {
  /** For a reference that is the whole string at that place. */
  readonly valueOf: (reference: Reference, at: Place) => unknown;
  /** For one within a text. */
  readonly textOf: (reference: Reference) => string;
}

/**
 * A copy of the arguments in which references are replaced by their values. It
 * shares with the original, which isn't changed, whatever holds no reference.
 * References inside a value that was put in are not replaced.
 */
export function replaceReferences(
  args: unknown,
  found: readonly FoundReferences[],
  { valueOf, textOf }: ReferenceValues,
): unknown {
  const copy = new PartialCopy(args);
  for (const { at, pieces, isWhole } of found) {
    const value = isWhole
      ? valueOf(pieces[0] as Reference, at)
      : pieces
          .map((piece) => (typeof piece === "string" ? piece : textOf(piece)))
          .join("");
    copy.put(at, { value, writable: true });
  }
  return copy.root;
}

/**
 * A copy of the arguments, equal to them, that calls `onRead` when a string is
 * read that holds a reference.
 */
export function watchReferences(
  args: unknown,
  found: readonly FoundReferences[],
  onRead: () => void,
): unknown {
  const copy = new PartialCopy(args);
  for (const { at, text } of found) {
    const get = () => {
      onRead();
      return text;
    };
    copy.put(at, { get });
  }
  return copy.root;
}

/** A copy that shares with the original whatever is not changed. */
class PartialCopy {
  readonly #box: { args: unknown };
  readonly #copies = new Map<Place, object>();

  constructor(args: unknown) {
    this.#box = { args };
  }

  get root(): unknown {
    return this.#box.args;
  }

  put(place: Place, property: PropertyDescriptor): void {
    // Ends at an object that is copied already, so each is visited once.
    const missing: Place[] = [];
    let from = place.parent;
    while (from !== undefined && !this.#copies.has(from)) {
      missing.push(from);
      from = from.parent;
    }
    let container: object = (from && this.#copies.get(from)) ?? this.#box;
    for (const next of missing.reverse()) {
      const copy = copyOf(next.value as object);
      this.#copies.set(next, copy);
      define(container, this.#keyOf(next), { value: copy, writable: true });
      container = copy;
    }
    define(container, this.#keyOf(place), property);
  }

  #keyOf({ key, parent }: Place): string | number {
    return parent === undefined ? "args" : key;
  }
}

/** One level deep. Descriptors are not copied: the original may be frozen. */
function copyOf(original: object): object {
  return Array.isArray(original)
    ? original.slice()
    : (Object.setPrototypeOf(
        { ...original },
        Object.getPrototypeOf(original) as object | null,
      ) as object);
}

/** Defines and doesn't assign: a key may be `__proto__`. */
function define(
  container: object,
  key: string | number,
  property: PropertyDescriptor,
): void {
  Object.defineProperty(container, key, {
    enumerable: true,
    configurable: true,
    ...property,
  });
}

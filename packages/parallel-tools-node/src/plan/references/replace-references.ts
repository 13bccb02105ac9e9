import type { FoundReferences, Location } from "./find-references.js";
import type { Reference } from "./reference.js";

/**
 * The arguments with the references replaced by their values. What holds none
 * is shared with the original, which stays as it is. One pass: a value that was
 * put in is not looked at again.
 *
 * @param valueOf gives the value of a reference; what it throws is thrown
 */
export function replaceReferences(
  args: unknown,
  found: readonly FoundReferences[],
  valueOf: (reference: Reference) => unknown,
): unknown {
  const copy = new PartialCopy(args);
  for (const { at, pieces, isWhole } of found) {
    const value = isWhole
      ? valueOf(pieces[0] as Reference)
      : pieces.map((piece) => textOf(piece, valueOf)).join("");
    copy.put(at, { value, writable: true });
  }
  return copy.root;
}

/**
 * The arguments as they are, for someone who may not look at what holds a
 * reference: `onRead` is called when it is read.
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

function textOf(
  piece: string | Reference,
  valueOf: (reference: Reference) => unknown,
): string {
  if (typeof piece === "string") return piece;
  const value = valueOf(piece);
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A copy that shares with the original all that is not changed. */
class PartialCopy {
  readonly #box: { args: unknown };
  /** Copies by their originals, and by themselves. */
  readonly #copies = new Map<object, object>();

  constructor(args: unknown) {
    this.#box = { args };
  }

  get root(): unknown {
    return this.#box.args;
  }

  put(at: Location, property: PropertyDescriptor): void {
    let container: object = this.#box;
    let key: string | number = "args";
    for (const next of at) {
      const inner = Reflect.get(container, key) as object;
      const copy = this.#copyOf(inner);
      define(container, key, { value: copy, writable: true });
      container = copy;
      key = next;
    }
    define(container, key, property);
  }

  #copyOf(original: object): object {
    let copy = this.#copies.get(original);
    if (copy === undefined) {
      copy = Array.isArray(original)
        ? original.slice()
        : (Object.create(
            Object.getPrototypeOf(original) as object | null,
            Object.getOwnPropertyDescriptors(original),
          ) as object);
      this.#copies.set(original, copy).set(copy, copy);
    }
    return copy;
  }
}

/** Never an assignment: a key may be `__proto__`. */
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

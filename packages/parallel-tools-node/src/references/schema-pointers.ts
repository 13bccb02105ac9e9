/**
 * Where the schemas of a document have gone, by JSON pointer (RFC 6901) in a
 * URI fragment, e.g. `#/properties/user`. A `$ref` may lead to any of them, as
 * those of zod 3 do.
 */
export class SchemaPointers {
  readonly #moved = new Map<string, string>();

  move(from: string, to: string): void {
    if (from !== to) this.#moved.set(from, to);
  }

  /** What a `$ref` has to say now; one that leads elsewhere stays. */
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
      // Not a URI: no pointer of ours.
    }
    return ref;
  }
}

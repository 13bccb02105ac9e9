/**
 * A copy of plain data: of arrays, and of objects without a class, at any depth.
 * Whatever else it holds (functions, dates, instances of a class) is shared with
 * the original. So are data that can't be read, such as a getter that throws.
 * Cycles, and objects that stand in several places, stay what they are.
 */
export function copyPlainData<Value>(value: Value): Value {
  try {
    return copyDeep(value) as Value;
  } catch {
    return value;
  }
}

/** A loop, and not a recursion: models can nest deeper than the stack. */
function copyDeep(value: unknown): unknown {
  if (!isPlain(value)) return value;
  const root = copyOf(value);
  /** Most arguments hold no objects, so there is no map at first. */
  let copies: Map<object, Container> | undefined;
  /** Copies whose fields are still those of the original. */
  const open = [root];
  for (;;) {
    const container = open.pop();
    if (container === undefined) return root;
    const keys = Array.isArray(container) ? undefined : Object.keys(container);
    const count = (keys ?? (container as unknown as unknown[])).length;
    for (let i = 0; i < count; i += 1) {
      const key = keys === undefined ? i : (keys[i] as string);
      const field = container[key];
      if (!isPlain(field)) continue;
      copies ??= new Map([[value, root]]);
      let copy = copies.get(field);
      if (copy === undefined) {
        copy = copyOf(field);
        copies.set(field, copy);
        open.push(copy);
      }
      // The key is the copy's own, also if it is `__proto__`.
      container[key] = copy;
    }
  }
}

type Container = Record<string | number, unknown>;

function isPlain(value: unknown): value is Container {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    prototype === Object.prototype ||
    prototype === null ||
    (prototype === Array.prototype && Array.isArray(value))
  );
}

/** One level deep. */
function copyOf(original: Container): Container {
  if (Array.isArray(original)) return original.slice() as never;
  const copy = { ...original };
  return Object.getPrototypeOf(original) === null
    ? (Object.setPrototypeOf(copy, null) as Container)
    : copy;
}

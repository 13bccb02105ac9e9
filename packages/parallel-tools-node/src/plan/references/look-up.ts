import { findsNoPart } from "../../answers/unresolved-reference.js";
import { UnresolvedReferenceError } from "../../errors/unresolved-reference-error.js";
import type { Reference } from "./reference.js";

/** They lead out of the data, to what every object inherits. */
const REFUSED = new Set(["__proto__", "constructor", "prototype"]);

/** An error lists no longer names: the output may be hostile. */
const MAX_NAME_LENGTH = 100;

/** Characters that a quoted name in a path can't hold. */
const UNWRITABLE = /[\p{Cc}\p{Cs}]/u;

/** How many names an error lists. */
const MAX_LISTED = 10;

/**
 * The part of a call's output that a reference names. A path leads through own
 * properties of objects and indexes of arrays only.
 *
 * @param output data that JSON can hold
 * @throws UnresolvedReferenceError that lists what there is
 */
export function lookUp(reference: Reference, output: unknown): unknown {
  let value = output;
  let walked = `$${reference.ordinal}`;
  for (const step of reference.path) {
    if (!has(value, step)) {
      throw new UnresolvedReferenceError(
        reference.text,
        findsNoPart(walked, value).problem,
        optionsAt(walked, value),
      );
    }
    value = (value as Record<string | number, unknown>)[step];
    walked = extend(walked, step);
  }
  return value;
}

function has(value: unknown, step: string | number): boolean {
  if (Array.isArray(value))
    return typeof step === "number" && step < value.length;
  if (typeof value !== "object" || value === null) return false;
  return !REFUSED.has(String(step)) && Object.hasOwn(value, step);
}

function optionsAt(walked: string, value: unknown): string[] {
  if (Array.isArray(value)) {
    if (value.length === 0) return [walked];
    return value.length === 1
      ? [`${walked}[0]`]
      : [`${walked}[0] to ${walked}[${value.length - 1}]`];
  }
  if (typeof value !== "object" || value === null) return [walked];
  const names = Object.keys(value).filter(
    (name) =>
      !REFUSED.has(name) &&
      name.length <= MAX_NAME_LENGTH &&
      !UNWRITABLE.test(name),
  );
  if (names.length === 0) return [walked];
  const listed = names.slice(0, MAX_LISTED).map((name) => extend(walked, name));
  return names.length > MAX_LISTED ? [...listed, "..."] : listed;
}

/** The reference with one more step, as a model has to write it. */
function extend(walked: string, step: string | number): string {
  if (typeof step === "number") return `${walked}[${step}]`;
  // A first `.output` means nothing, so a field of that name comes second.
  if (step === "output" && /^\$\d+$/.test(walked)) {
    return `${walked}.output.output`;
  }
  return /^[\p{L}_][\p{L}\p{N}_-]*$/u.test(step)
    ? `${walked}.${step}`
    : `${walked}[${JSON.stringify(step)}]`;
}

import { ConfigurationError } from "../errors/configuration-error.js";
import type { Access } from "./access.js";
import { guard } from "./guard.js";
import { readConcurrency } from "./limit-function.js";
import { readPositiveInteger, readRateLimit } from "./rate-limit.js";
import { readTimeLimit } from "./read-duration.js";
import { readFields } from "./read-fields.js";
import { readRetryPolicy } from "./retry-policy.js";
import { readSequential } from "./sequential.js";
import { readFeedbackOption } from "./server-feedback.js";
import type { ResolvedPolicy, ToolPolicy } from "./tool-policy.js";

const FIELDS = [
  "concurrency",
  "rateLimit",
  "resources",
  "access",
  "after",
  "sequential",
  "readOnly",
  "idempotent",
  "dedupe",
  "cost",
  "references",
  "retry",
  "timeoutMs",
  "feedback",
] as const satisfies readonly (keyof ToolPolicy)[];

/** The fields of a policy that were given, each validated on its own. */
export type PolicyPart = Partial<ResolvedPolicy>;

/** Reads one entry of `policies`, or `defaultPolicy`. */
export function readPolicy(option: string, value: unknown): PolicyPart {
  const fields = readFields(option, value, FIELDS);
  const part: { -readonly [Field in keyof ResolvedPolicy]?: unknown } = {};
  for (const field of FIELDS) {
    const given = fields[field];
    if (given === undefined) continue;
    const [name, resolved] = readField(field, `${option}.${field}`, given);
    part[name] = resolved;
  }
  return part as PolicyPart;
}

function readField(
  field: (typeof FIELDS)[number],
  option: string,
  given: unknown,
): [keyof ResolvedPolicy, unknown] {
  switch (field) {
    case "concurrency":
      return [field, readConcurrency(option, given)];
    case "rateLimit":
      return [field, readRateLimit(option, given)];
    case "resources":
      return [field, readResourceNames(option, given)];
    case "access":
      return [field, readAccess(option, given)];
    case "after":
      return [field, readNames(option, given)];
    case "cost":
      return [
        field,
        typeof given === "function"
          ? guard(option, given, readPositiveInteger)
          : readPositiveInteger(option, given),
      ];
    case "retry":
      return [field, readRetryPolicy(option, given)];
    case "timeoutMs":
      return [field, readTimeLimit(option, given, 1)];
    case "feedback":
      return [field, readFeedbackOption(option, given)];
    case "sequential":
      return [field, readSequential(option, given)];
    default:
      if (typeof given === "boolean") return [field, given];
      throw new ConfigurationError(option, "a boolean", given);
  }
}

function readResourceNames(option: string, given: unknown) {
  const read = (path: string, names: unknown) =>
    typeof names === "string" ? [names] : readNames(path, names);
  return typeof given === "function"
    ? guard(option, given, read)
    : read(option, given);
}

function readNames(option: string, given: unknown): readonly string[] {
  if (
    Array.isArray(given) &&
    given.every((name): name is string => typeof name === "string")
  ) {
    return [...new Set(given)];
  }
  throw new ConfigurationError(option, "an array of names", given);
}

function readAccess(option: string, given: unknown) {
  return typeof given === "function"
    ? guard(option, given, readAccesses)
    : readAccesses(option, given);
}

function readAccesses(option: string, given: unknown): readonly Access[] {
  if (Array.isArray(given) && given.every(isAccess)) return given;
  throw new ConfigurationError(
    option,
    "an array of `read(key)` and `write(key)`",
    given,
  );
}

function isAccess(value: unknown): value is Access {
  const access = value as Partial<Access> | null | undefined;
  return (
    (access?.mode === "read" || access?.mode === "write") &&
    typeof access.key === "string"
  );
}

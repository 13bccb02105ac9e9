import { ConfigurationError } from "../errors/configuration-error.js";
import type { Access } from "./access.js";
import { readCallers } from "./callers.js";
import { guard } from "./guard.js";
import { readConcurrency } from "./limit-function.js";
import { readRateLimit } from "./rate-limit.js";
import { readTimeLimit } from "./read-duration.js";
import {
  type FieldReader,
  readBoolean,
  readByTable,
  readNames,
  readPositiveInteger,
} from "./read-fields.js";
import { readRetryPolicy } from "./retry-policy.js";
import { readSequential } from "./sequential.js";
import { readFeedbackOption } from "./server-feedback.js";
import type { ResolvedPolicy, ToolPolicy } from "./tool-policy.js";

const FIELDS = {
  concurrency: readConcurrency,
  rateLimit: readRateLimit,
  resources: readResourceNames,
  access: readAccess,
  after: readNames,
  sequential: readSequential,
  readOnly: readBoolean,
  idempotent: readBoolean,
  dedupe: readBoolean,
  cost: readCost,
  references: readBoolean,
  retry: readRetryPolicy,
  timeoutMs: (option, value) => readTimeLimit(option, value, 1),
  feedback: readFeedbackOption,
  eager: readBoolean,
  callers: readCallers,
} satisfies {
  [Field in keyof Required<ToolPolicy>]: FieldReader<GivenPolicy[Field]>;
};

/** The fields of a policy as they are given, each validated. */
interface GivenPolicy extends ResolvedPolicy {
  readonly eager: boolean;
}

/** The fields of a policy that were given, each validated on its own. */
export type PolicyPart = Partial<GivenPolicy>;

/** Reads one entry of `policies`, or `defaultPolicy`. */
export function readPolicy(option: string, value: unknown): PolicyPart {
  return readByTable(option, value, FIELDS);
}

function readCost(option: string, given: unknown) {
  return typeof given === "function"
    ? guard(option, given, readPositiveInteger)
    : readPositiveInteger(option, given);
}

function readResourceNames(option: string, given: unknown) {
  const read = (path: string, names: unknown) =>
    typeof names === "string" ? [names] : readNames(path, names);
  return typeof given === "function"
    ? guard(option, given, read)
    : read(option, given);
}

function readAccess(option: string, given: unknown) {
  return typeof given === "function"
    ? guard(option, given, readAccesses)
    : readAccesses(option, given);
}

function readAccesses(option: string, given: unknown): readonly Access[] {
  if (Array.isArray(given)) {
    const accesses = Array.from(given, copyAccess);
    if (accesses.every((access) => access !== undefined)) return accesses;
  }
  throw new ConfigurationError(
    option,
    "an array of `read(key)` and `write(key)`",
    given,
  );
}

/** Reads each field once: later it might be another, or throw. */
function copyAccess(value: unknown): Access | undefined {
  const { mode, key } = (value ?? {}) as Partial<Access>;
  if (mode !== "read" && mode !== "write") return undefined;
  return typeof key === "string" ? { mode, key } : undefined;
}

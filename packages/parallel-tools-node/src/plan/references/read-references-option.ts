import { ConfigurationError } from "../../errors/configuration-error.js";
import { readFields, readPositiveInteger } from "../../policy/read-fields.js";
import type { ReferenceRules } from "./call-references.js";

/** The `references` option of a node. */
export interface ReferencesOption {
  /**
   * `${1.name}` is a reference within a longer text, too. What the tool wrote there
   * is put in, character by character. `$${1.name}` stands for the text `${1.name}`.
   *
   * @default false: only a string that is one reference and nothing else
   */
  embedded?: boolean;
  /**
   * The most that the references of one call may put into its arguments, in
   * bytes of JSON (UTF-8). An integer of at least 1.
   *
   * @default 1_000_000
   */
  maxReferenceBytes?: number;
}

const DEFAULT_RULES: ReferenceRules = {
  embedded: false,
  maxReferenceBytes: 1_000_000,
};

/** Reads a `references` option; `undefined`: references are off. */
export function readReferencesOption(
  value: unknown,
): ReferenceRules | undefined {
  if (value === undefined || value === false) return undefined;
  if (value === true) return DEFAULT_RULES;
  if (typeof value !== "object" || value === null) {
    throw new ConfigurationError("references", "a boolean or an object", value);
  }
  const {
    embedded = false,
    maxReferenceBytes = DEFAULT_RULES.maxReferenceBytes,
  } = readFields("references", value, ["embedded", "maxReferenceBytes"]);
  if (typeof embedded !== "boolean") {
    throw new ConfigurationError("references.embedded", "a boolean", embedded);
  }
  return {
    embedded,
    maxReferenceBytes: readPositiveInteger(
      "references.maxReferenceBytes",
      maxReferenceBytes,
    ),
  };
}

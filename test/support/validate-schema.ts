import { Validator } from "@langchain/core/utils/json_schema";

type Draft = "7" | "2020-12";

/** Of a copy: the validator writes to its schema. */
export function validatorOf(schema: unknown, draft: Draft): Validator {
  return new Validator(structuredClone(schema) as never, draft);
}

export function isValid(
  schema: unknown,
  value: unknown,
  draft: Draft = "2020-12",
): boolean {
  return validatorOf(schema, draft).validate(value).valid;
}

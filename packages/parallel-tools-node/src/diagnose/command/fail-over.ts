import { ConfigurationError } from "../../errors/configuration-error.js";
import type { Diagnosis } from "../diagnosis.js";

/** How much may be saved before `--fail-over` fails: turns, or a share of all. */
export interface FailOver {
  readonly limit: number;
  readonly unit: "turns" | "percent";
}

/** Reads `10` (turns) or `10%` (of all turns). */
export function readFailOver(text: string): FailOver {
  const [, digits, percent] = /^(\d{1,9}(?:\.\d{1,9})?)(%?)$/.exec(text) ?? [];
  const limit = Number(digits);
  const isTurns = percent === "";
  if (digits === undefined || (isTurns ? digits.includes(".") : limit > 100)) {
    throw new ConfigurationError(
      "--fail-over",
      "a number of turns or a share of them, such as 10 or 5%",
      text,
    );
  }
  return { limit, unit: isTurns ? "turns" : "percent" };
}

/** Whether more can be saved than the limit allows. */
export function isOver(
  { turns, turnsNeeded, shareSaved }: Diagnosis,
  { limit, unit }: FailOver,
): boolean {
  return unit === "turns"
    ? turns - turnsNeeded > limit
    : 100 * shareSaved > limit;
}

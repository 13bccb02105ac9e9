import process from "node:process";
import { ConfigurationError } from "../../errors/configuration-error.js";
import { readFields } from "../../policy/read-fields.js";

/** Options of `formatReport`. */
export interface FormatReportOptions {
  /**
   * Columns that a line may take. An integer of at least 40.
   *
   * @default the width of the terminal, 80 where there is none
   */
  width?: number;
  /**
   * Whether to colour with ANSI codes. What a bar means can be told without.
   *
   * @default whether standard output is a terminal; `NO_COLOR` and
   *   `FORCE_COLOR` are heeded
   */
  color?: boolean;
}

const LEAST_WIDTH = 40;

/** @throws ConfigurationError */
export function readTextOptions(value: unknown): Required<FormatReportOptions> {
  const { width, color } = readFields("options", value, ["width", "color"]);
  if (
    width !== undefined &&
    !(Number.isSafeInteger(width) && (width as number) >= LEAST_WIDTH)
  ) {
    const expected = `an integer of at least ${LEAST_WIDTH}`;
    throw new ConfigurationError("width", expected, width);
  }
  if (color !== undefined && typeof color !== "boolean") {
    throw new ConfigurationError("color", "a boolean", color);
  }
  const { columns, isTTY } = process.stdout;
  return {
    // None, or 0, where there is no terminal.
    width: (width as number) ?? Math.max(LEAST_WIDTH, columns || 80),
    color: color ?? takesColor(process.env, isTTY),
  };
}

function takesColor(
  { NO_COLOR, FORCE_COLOR, TERM }: NodeJS.ProcessEnv,
  isTerminal: boolean,
): boolean {
  if (NO_COLOR) return false;
  if (FORCE_COLOR) return FORCE_COLOR !== "0";
  return isTerminal && TERM !== "dumb";
}

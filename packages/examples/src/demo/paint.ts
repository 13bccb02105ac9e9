import process from "node:process";
import { styleText } from "node:util";

const isColoured =
  process.stdout.isTTY && (process.env["NO_COLOR"] ?? "") === "";

/** Colours a text, on a terminal only. */
export const paint: (
  style: Parameters<typeof styleText>[0],
  text: string,
) => string = isColoured ? styleText : (_style, text) => text;

import util from "node:util";
import type {
  FormatDiagnosisOptions,
  TextRole,
} from "../output/format-diagnosis.js";
import type { CommandHost } from "./command-host.js";

const STYLES = {
  heading: "bold",
  good: "green",
  dim: "dim",
} as const satisfies Record<TextRole, string>;

/**
 * Colours for whoever looks at a terminal: none where the output goes elsewhere
 * or `NO_COLOR` is set, unless `FORCE_COLOR` is.
 */
export function painter({
  stdout,
  env,
}: CommandHost): NonNullable<FormatDiagnosisOptions["paint"]> | undefined {
  const isForced = !["", "0", undefined].includes(env["FORCE_COLOR"]);
  const isWanted = stdout.isTTY === true && !env["NO_COLOR"];
  // Node has it since 20.12.
  const style = util.styleText as typeof util.styleText | undefined;
  if (!(isForced || isWanted) || style === undefined) return undefined;
  // What is known here of the terminal counts, not what Node knows of its own.
  return (role, text) => style(STYLES[role], text, { validateStream: false });
}

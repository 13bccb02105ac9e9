import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { CommanderError } from "commander";
import { ConfigurationError } from "../../errors/configuration-error.js";
import { UnreadableConversationError } from "../../errors/unreadable-conversation-error.js";
import { createPaint } from "../../report/text/paint.js";
import type { DiagnoseOptions } from "../diagnose-options.js";
import { diagnoseStream, type TextSource } from "../diagnose-stream.js";
import type { Diagnosis } from "../diagnosis.js";
import { diagnosisToHtml } from "../output/diagnosis-to-html.js";
import {
  formatDiagnosis,
  type FormatDiagnosisOptions,
  type TextRole,
} from "../output/format-diagnosis.js";
import {
  type CommandHost,
  createProgram,
  type Given,
  TEXT_FINDINGS,
} from "./create-program.js";
import { isOver } from "./fail-over.js";
import { readPoliciesFile, readToolsFile } from "./option-files.js";

/** Columns of a text that goes to no terminal. */
const LOG_WIDTH = 100;
/** ANSI codes of what is coloured. */
const COLORS = {
  heading: 1,
  good: 32,
  dim: 2,
} as const satisfies Record<TextRole, number>;

/**
 * Runs the `parallel-tools` command.
 *
 * @param args without the names of Node and of the script
 * @returns the exit code: 0; 1 if more can be saved than `--fail-over` allows; 2
 *   for a file that can't be read or a wrong option
 */
export async function runCommand(
  args: readonly string[],
  host: CommandHost,
): Promise<number> {
  let exitCode = 0;
  const program = createProgram(host, async (files, given) => {
    exitCode = await diagnoseFiles(files, given, host);
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!isExpected(error)) throw error;
    host.stderr.write(`parallel-tools: ${error.message}\n`);
    return 2;
  }
}

async function diagnoseFiles(
  files: readonly string[],
  given: Given,
  host: CommandHost,
): Promise<number> {
  const { format, output, failOver: limit } = given;
  const diagnosis = await diagnoseStream(
    files.map((file) => sourceOf(file, host)),
    await optionsFrom(given),
  );
  const text = write(
    diagnosis,
    format,
    output === undefined ? host : undefined,
  );
  if (output === undefined) host.stdout.write(text);
  else await save(output, text);
  if (limit === undefined || !isOver(diagnosis, limit)) return 0;
  const unit = limit.unit === "turns" ? "turns" : "% of the turns";
  host.stderr.write(
    `parallel-tools: more than ${limit.limit} ${unit} can be saved (${diagnosis.turns - diagnosis.turnsNeeded} of ${diagnosis.turns}).\n`,
  );
  return 1;
}

async function optionsFrom(given: Given): Promise<DiagnoseOptions> {
  const { reads, writes, policies, tools, format, showValues } = given;
  const maxFindings =
    given.maxFindings ?? (format === "text" ? TEXT_FINDINGS : undefined);
  return {
    ...(reads !== undefined && { reads }),
    ...(writes !== undefined && { writes }),
    ...(policies !== undefined && {
      policies: await readPoliciesFile(policies),
    }),
    ...(tools !== undefined && { tools: await readToolsFile(tools) }),
    ...(maxFindings !== undefined && { maxFindings }),
    ...(showValues && { showValues }),
  };
}

function write(
  diagnosis: Diagnosis,
  format: Given["format"],
  host: CommandHost | undefined,
): string {
  if (format === "json") return `${JSON.stringify(diagnosis, null, 2)}\n`;
  if (format === "html") return diagnosisToHtml(diagnosis);
  const text = formatDiagnosis(diagnosis, {
    width: host?.stdout.columns ?? LOG_WIDTH,
    ...(host && { paint: painterFor(host) }),
  });
  return `${text}\n`;
}

/**
 * Colours for a terminal. There are none where the output goes elsewhere or
 * `NO_COLOR` is set, unless `FORCE_COLOR` is.
 */
function painterFor({
  stdout,
  env,
}: CommandHost): NonNullable<FormatDiagnosisOptions["paint"]> {
  const isForced = !["", "0", undefined].includes(env["FORCE_COLOR"]);
  const isWanted = stdout.isTTY === true && !env["NO_COLOR"];
  const paint = createPaint(isForced || isWanted);
  return (role, text) => paint(COLORS[role], text);
}

function sourceOf(file: string, host: CommandHost): TextSource {
  if (file === "-") return { name: "standard input", chunks: host.stdin };
  return { name: file, chunks: readChunks(file) };
}

/** Opens the file only when it is read, so that no error goes unhandled. */
async function* readChunks(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException | undefined)?.code;
    if (code === undefined) throw error;
    throw new UnreadableConversationError(
      file,
      `the file can't be read (${code})`,
      "Give the path of a file with recorded conversations, or - for standard input.",
      error,
    );
  }
}

async function save(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError(
      "--output",
      `a file that can be written (${reason})`,
      file,
    );
  }
}

function isExpected(error: unknown): error is Error {
  return (
    ConfigurationError.isInstance(error) ||
    UnreadableConversationError.isInstance(error)
  );
}

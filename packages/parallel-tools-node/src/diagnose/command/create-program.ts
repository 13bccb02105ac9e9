import { Command, InvalidArgumentError, Option } from "commander";
import { type FailOver, readFailOver } from "./fail-over.js";

/** Findings that a text shows if `--max-findings` is not given. */
export const TEXT_FINDINGS = 10;

/** The streams and the environment of a command. A process is one. */
export interface CommandHost {
  readonly stdin: AsyncIterable<string | Uint8Array>;
  readonly stdout: CommandStream;
  readonly stderr: CommandStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

interface CommandStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** The options of `parallel-tools diagnose` as they were given. */
export interface Given {
  readonly reads?: readonly string[];
  readonly writes?: readonly string[];
  readonly policies?: string;
  readonly tools?: string;
  readonly format: "text" | "json" | "html";
  readonly output?: string;
  readonly maxFindings?: number;
  readonly showValues?: true;
  readonly failOver?: FailOver;
}

/** The command line: its commands, their options, and how each is read. */
export function createProgram(
  host: CommandHost,
  action: (files: string[], given: Given) => Promise<void>,
): Command {
  const program = new Command("parallel-tools")
    .description("Tools around parallel-tools-node.")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      writeErr: (text) => host.stderr.write(text),
    });
  program
    .command("diagnose")
    .description(
      "Finds turns that an agent could have saved: calls that it made one after another though they needed nothing from each other.",
    )
    .argument(
      "<files...>",
      "recorded conversations (LangChain, OpenAI, Anthropic, LangSmith, tau-bench) as JSON Lines or a JSON array; - is standard input",
    )
    .option("--reads <names>", "tools that change nothing, with commas", names)
    .option("--writes <names>", "tools that change something", names)
    .option(
      "--policies <file>",
      "policies by tool name: JSON, or a module that exports `policies`",
    )
    .option(
      "--tools <file>",
      "tools with MCP annotations, as a server lists them (JSON)",
    )
    .addOption(
      new Option("--format <format>", "what to write")
        .choices(["text", "json", "html"])
        .default("text"),
    )
    .option("--output <file>", "write to a file")
    .option(
      "--max-findings <number>",
      `findings that are written, those that save most (default: ${TEXT_FINDINGS} as text, else 100)`,
      wholeNumber,
    )
    .option("--show-values", "show the values that tie calls together")
    .option(
      "--fail-over <turns>",
      "exit with 1 if more turns can be saved: a number, or a share such as 5%",
      failOver,
    )
    .addHelpText(
      "after",
      "\nA tool of which nothing is said counts as a writer, and whatever stands on either side of it stays in order.",
    )
    .action(action);
  return program;
}

function names(text: string, before: readonly string[] = []): string[] {
  const given = text.split(",").map((name) => name.trim());
  return [...before, ...given.filter((name) => name !== "")];
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected a whole number.");
}

function failOver(text: string): FailOver {
  try {
    return readFailOver(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

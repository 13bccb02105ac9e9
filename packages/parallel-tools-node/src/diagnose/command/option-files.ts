import { readFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigurationError } from "../../errors/configuration-error.js";
import type { DiagnoseOptions } from "../diagnose-options.js";
import { ownField } from "../own-field.js";

/**
 * Reads the file of `--policies`: policies by tool name, from JSON or from a
 * module that exports them as `policies` or by default. A module can hold
 * functions of the arguments, JSON can't.
 */
export async function readPoliciesFile(
  file: string,
): Promise<NonNullable<DiagnoseOptions["policies"]>> {
  const value = file.endsWith(".json")
    ? await readJson(file, "--policies")
    : await loadPolicies(file);
  if (typeof value !== "object" || value === null) {
    throw new ConfigurationError(
      "--policies",
      "a JSON file of policies by tool name, or a module that exports `policies`",
      file,
    );
  }
  return value as NonNullable<DiagnoseOptions["policies"]>;
}

/** Reads the file of `--tools`: a list, or an MCP server's `tools/list` answer. */
export async function readToolsFile(file: string): Promise<readonly object[]> {
  const value = await readJson(file, "--tools");
  for (const list of [
    value,
    ownField(value, "tools"),
    ownField(ownField(value, "result"), "tools"),
  ]) {
    if (Array.isArray(list)) return list as object[];
  }
  throw new ConfigurationError(
    "--tools",
    "a JSON file with a list of tools, or with a list as `tools`",
    file,
  );
}

async function loadPolicies(file: string): Promise<unknown> {
  try {
    const module: unknown = await import(
      pathToFileURL(path.resolve(file)).href
    );
    return ownField(module, "policies") ?? ownField(module, "default");
  } catch (error) {
    throw unreadableFile("--policies", file, error);
  }
}

async function readJson(file: string, option: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as unknown;
  } catch (error) {
    throw unreadableFile(option, file, error);
  }
}

function unreadableFile(option: string, file: string, error: unknown) {
  const reason = error instanceof Error ? error.message : String(error);
  return new ConfigurationError(
    option,
    `a file that can be read (${reason})`,
    file,
  );
}

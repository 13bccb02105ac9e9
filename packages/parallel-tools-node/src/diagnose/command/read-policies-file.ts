import path from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigurationError } from "../../errors/configuration-error.js";
import type { DiagnoseOptions } from "../diagnose-options.js";
import { ownField } from "../own-field.js";
import { readJsonFile } from "./read-json-file.js";
import { unreadableFile } from "./unreadable-file.js";

/**
 * Reads policies by tool name: from JSON, or from a module that exports them as
 * `policies` or by default, since functions of arguments are no JSON.
 */
export async function readPoliciesFile(
  file: string,
): Promise<NonNullable<DiagnoseOptions["policies"]>> {
  const value = file.endsWith(".json")
    ? await readJsonFile(file, "--policies")
    : await load(file);
  if (typeof value !== "object" || value === null) {
    throw new ConfigurationError(
      "--policies",
      "a JSON file of policies by tool name, or a module that exports `policies`",
      file,
    );
  }
  return value as NonNullable<DiagnoseOptions["policies"]>;
}

async function load(file: string): Promise<unknown> {
  try {
    const module: unknown = await import(
      pathToFileURL(path.resolve(file)).href
    );
    return ownField(module, "policies") ?? ownField(module, "default");
  } catch (error) {
    throw unreadableFile("--policies", file, error);
  }
}

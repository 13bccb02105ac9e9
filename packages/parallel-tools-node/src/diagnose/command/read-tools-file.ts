import { ConfigurationError } from "../../errors/configuration-error.js";
import { ownField } from "../own-field.js";
import { readJsonFile } from "./read-json-file.js";

/** Reads tools: a list, or a server's answer to `tools/list` of MCP. */
export async function readToolsFile(file: string): Promise<readonly object[]> {
  const value = await readJsonFile(file, "--tools");
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

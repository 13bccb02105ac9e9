import { readFile } from "node:fs/promises";
import { unreadableFile } from "./unreadable-file.js";

/** @param option the option that names the file */
export async function readJsonFile(
  file: string,
  option: string,
): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as unknown;
  } catch (error) {
    throw unreadableFile(option, file, error);
  }
}

import { ConfigurationError } from "../../errors/configuration-error.js";

/** The error for a file that an option names. */
export function unreadableFile(option: string, file: string, error: unknown) {
  const reason = error instanceof Error ? error.message : String(error);
  return new ConfigurationError(
    option,
    `a file that can be read (${reason})`,
    file,
  );
}

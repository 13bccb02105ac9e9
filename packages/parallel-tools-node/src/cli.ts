import process from "node:process";
import { runCommand } from "./diagnose/command/run-command.js";

// A reader of the output (`head`, a pager) may close it early.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

// No `process.exit`: the process ends by itself once all output is written.
void runCommand(process.argv.slice(2), process).then((exitCode) => {
  process.exitCode = exitCode;
});

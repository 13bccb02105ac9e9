import process from "node:process";
import { runCommand } from "./diagnose/command/run-command.js";

// Whoever reads the output (`head`, a pager) may leave before its end.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

// What is left to write is written before the process ends by itself.
void runCommand(process.argv.slice(2), process).then((exitCode) => {
  process.exitCode = exitCode;
});

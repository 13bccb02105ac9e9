#!/usr/bin/env node
// Not a built file: installing the workspace links it before anything is built.
import { existsSync } from "node:fs";
import process from "node:process";

const cli = new URL("../dist/cli.js", import.meta.url);

if (existsSync(cli)) {
  await import(cli.href);
} else {
  console.error(
    "parallel-tools: the package is not built yet. Run `npm run build` first.",
  );
  process.exitCode = 2;
}

#!/usr/bin/env node
// A file of the sources, so that installing the workspace finds it before
// anything is built.
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

// Lets Node import a Lua file as its text, as the build does:
// node --import tsx --import ./scripts/import-lua.mjs PROGRAM
import { readFile } from "node:fs/promises";
import { register } from "node:module";

register(import.meta.url);

export async function load(url, context, nextLoad) {
  if (!new URL(url).pathname.endsWith(".lua")) return nextLoad(url, context);
  const text = await readFile(new URL(url), "utf8");
  const source = `export default ${JSON.stringify(text)};`;
  return { format: "module", source, shortCircuit: true };
}

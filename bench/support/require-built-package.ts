/**
 * Makes sure that `parallel-tools-node` is the built package, as users get it,
 * and not the sources: a `tsconfig.json` that tsx applies could change that.
 */
export function requireBuiltPackage(): void {
  const url = import.meta.resolve("parallel-tools-node");
  if (url.endsWith("/dist/index.js")) return;
  throw new Error(
    `Expected parallel-tools-node to resolve to its build (dist/index.js), got ${url}. Run the benchmark as \`npm run bench -- NAME\`.`,
  );
}

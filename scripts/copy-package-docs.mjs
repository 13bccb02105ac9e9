// The package's README and licence are those of the repository.
import { copyFileSync, existsSync } from "node:fs";

for (const name of ["README.md", "LICENSE"]) {
  const from = new URL(`../${name}`, import.meta.url);
  if (existsSync(from)) {
    const to = `../packages/parallel-tools-node/${name}`;
    copyFileSync(from, new URL(to, import.meta.url));
  } else {
    console.error(`${name} is missing: the package goes without it.`);
  }
}

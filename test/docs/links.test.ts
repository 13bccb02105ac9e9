import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { filesBelow, root } from "./repository-files.js";

const documents = filesBelow(".", ".md").filter(
  // A copy of the README, made for the tarball.
  (file) => file !== "packages/parallel-tools-node/README.md",
);

test.each(documents)("the relative links of %s lead somewhere", (file) => {
  const text = withoutCode(readFileSync(path.join(root, file), "utf8"));
  const broken = [...text.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z][a-z0-9+.-]*:/i.test(target))
    .filter((target) => !leadsSomewhere(file, target));
  expect(broken).toEqual([]);
});

function leadsSomewhere(from: string, target: string): boolean {
  const [name = "", anchor] = target.split("#");
  const file =
    name === ""
      ? path.join(root, from)
      : path.resolve(root, path.dirname(from), decodeURIComponent(name));
  if (!existsSync(file)) return false;
  if (anchor === undefined || anchor === "" || !file.endsWith(".md")) {
    return true;
  }
  return statSync(file).isFile() && anchorsOf(file).has(anchor);
}

/** The anchors that a code host gives to the headings of a document. */
function anchorsOf(file: string): Set<string> {
  const seen = new Map<string, number>();
  const anchors = new Set<string>();
  const text = withoutFences(readFileSync(file, "utf8"));
  for (const [, heading = ""] of text.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-");
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    anchors.add(count === 0 ? slug : `${slug}-${count}`);
  }
  return anchors;
}

function withoutFences(text: string): string {
  return text.replace(/^\s*(`{3,}|~{3,})[\s\S]*?^\s*\1\s*$/gm, "");
}

function withoutCode(text: string): string {
  return withoutFences(text).replace(/`[^`\n]*`/g, "");
}

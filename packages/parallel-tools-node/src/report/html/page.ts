import { createHash } from "node:crypto";
import { escapeHtml } from "./escape-html.js";
import { SCRIPT } from "./script.js";
import { STYLE } from "./style.js";
import { symbolsSvg } from "./symbols.js";

/** What is on a page: `title` is text, the rest is HTML. */
export interface Page {
  readonly title: string;
  readonly intro: string;
  readonly sections: readonly string[];
}

/**
 * A document that loads nothing else. Its content security policy allows only its
 * own script and style: a script in a text that was not escaped would not run.
 */
export function pageHtml({ title, intro, sections }: Page): string {
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(SCRIPT)}'`,
    `style-src '${hashOf(STYLE)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${symbolsSvg()}
<header class="top"><h1>${escapeHtml(title)}</h1>${intro}</header>
<main>
${sections.join("\n")}
</main>
<footer class="foot"><p>Choose a call for its details; arrow keys go from call to call. Arrows show what a call had to wait for. Made by parallel-tools-node.</p></footer>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

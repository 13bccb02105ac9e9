import { escapeHtml } from "../../report/html/escape-html.js";
import type { Diagnosis, Pattern } from "../diagnosis.js";
import type { Finding } from "../finding.js";
import {
  describeMeaning,
  describeTotals,
  listAdvice,
} from "./describe-diagnosis.js";
import {
  describeNotes,
  describePlace,
  describeSaving,
  describeTurns,
} from "./describe-finding.js";

/** Columns of a strip, and boxes of a column, that are shown. */
const MAX_BOXES = 60;

const STYLE = `
:root { color-scheme: light dark; --ink: #1c1e21; --paper: #ffffff; --soft: #5a6068;
  --line: #d5d8dc; --was: #a8480a; --could: #0b6b50; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8eaed; --paper: #16181b; --soft: #a9b0b8; --line: #3a3f45;
    --was: #f0a35e; --could: #5fd0ac; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.2; }
h2 { font-size: 1.2rem; margin-top: 2.5rem; }
h3 { font-size: 1rem; display: inline; overflow-wrap: anywhere; }
td:is(.calls) { min-width: 13rem; }
td:is(.was) { min-width: 7rem; }
.soft { color: var(--soft); }
.scroll { overflow-x: auto; }
:focus-visible { outline: 3px solid var(--could); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; padding-bottom: .25rem; color: var(--soft); }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th:is(.figure), td:is(.figure) { text-align: right; font-variant-numeric: tabular-nums;
  white-space: nowrap; }
details { border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem;
  margin: .75rem 0; }
summary { cursor: pointer; }
ul { padding-left: 1.25rem; }
td ul { margin: 0; }
.strips { color: var(--soft); font-size: .875rem; }
.strip { display: flex; flex-wrap: wrap; gap: 3px; align-items: flex-start; margin: .25rem 0; }
.strip > span { display: grid; gap: 3px; }
.box { width: 10px; height: 10px; border-radius: 2px; background: var(--was); }
.could .box { background: var(--could); }
`;

/**
 * A diagnosis as one HTML file that loads nothing: no script, no font, no
 * picture. It has a light and a dark form, and works with a keyboard and a
 * screen reader. Names are escaped. Values of arguments and results are left
 * out, unless the diagnosis was made with `showValues`.
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { diagnose, diagnosisToHtml } from "parallel-tools-node/diagnose";
 *
 * const diagnosis = diagnose([{ role: "user", content: "Hi" }]);
 * writeFileSync("diagnosis.html", diagnosisToHtml(diagnosis));
 * ```
 */
export function diagnosisToHtml(diagnosis: Diagnosis): string {
  const { findings, findingCount, patterns, unknownTools } = diagnosis;
  const advice = listAdvice(diagnosis);
  const left = findingCount - findings.length;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Turns that could have been one</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Turns that could have been one</h1>
<p>${escapeHtml(describeTotals(diagnosis))}</p>
${section("Most frequent", patterns.length > 0, () => patternTable(patterns))}
${section("What was found", findings.length > 0, () =>
  [
    ...findings.map((finding, index) => findingHtml(finding, index)),
    left > 0 ? `<p class="soft">${left} findings are not shown.</p>` : "",
  ].join("\n"),
)}
${section("What to change", advice.length > 0, () => list(advice))}
${section(
  "Counted as writers, since nothing is said of them",
  unknownTools.length > 0,
  () => list(unknownTools.map(({ name, calls }) => `${name}: ${calls} calls`)),
)}
${section("What this claims", findings.length > 0, () => `<p>${escapeHtml(describeMeaning(diagnosis))}</p>`)}
</main>
</body>
</html>
`;
}

function section(title: string, isThere: boolean, body: () => string): string {
  if (!isThere) return "";
  return `<section>\n<h2>${escapeHtml(title)}</h2>\n${body()}\n</section>`;
}

function patternTable(patterns: readonly Pattern[]): string {
  const rows = patterns.map(
    ({ text, isNPlusOne, count, turnsSaved }) =>
      `<tr><th scope="row">${escapeHtml(text)}${isNPlusOne ? " (N+1)" : ""}</th><td class="figure">${count}</td><td class="figure">${turnsSaved}</td></tr>`,
  );
  return table(
    "Calls that could have shared a turn, by their tools",
    `<th scope="col">Calls</th><th scope="col" class="figure">Times</th><th scope="col" class="figure">Turns</th>`,
    rows,
  );
}

function findingHtml(finding: Finding, index: number): string {
  const rows = describeTurns(finding).map(
    ({ turn, calls, was, because }) =>
      `<tr><th scope="row" class="figure">${turn}</th><td class="calls">${escapeHtml(calls)}</td><td class="was">${escapeHtml(was)}</td><td>${because.length === 0 ? "nothing" : list(because)}</td></tr>`,
  );
  const notes = [
    ...describeNotes(finding),
    ...finding.advice.map(({ text }) => text),
  ];
  const saving = describeSaving(finding);
  const saved = saving === undefined ? "" : `<br>${saving}`;
  return `<details${index === 0 ? " open" : ""}>
<summary><h3>${escapeHtml(describePlace(finding))}</h3>${saved}</summary>
${strips(finding)}
${table(
  "The turns that would have done",
  `<th scope="col" class="figure">Turn</th><th scope="col">Calls</th><th scope="col">In the recording</th><th scope="col">What they waited for</th>`,
  rows,
  `The turns that would have done, finding ${index + 1}`,
)}
${list(notes)}
</details>`;
}

/** Turns as columns of calls: as they were, and as they could have been. */
function strips({ calls, couldBe, turns }: Finding): string {
  const was = Array.from(
    { length: turns },
    (_, place) => calls.filter(({ turn }) => turn === place + 1).length,
  );
  const could = couldBe.map(({ length }) => length);
  // Hidden from screen readers: the table below says the same.
  return `<div class="strips" aria-hidden="true">as it was${strip("was", was)}as it could have been${strip("could", could)}</div>`;
}

function strip(kind: string, columns: readonly number[]): string {
  const boxes = columns
    .slice(0, MAX_BOXES)
    .map(
      (count) =>
        `<span>${'<i class="box"></i>'.repeat(Math.min(count, MAX_BOXES))}</span>`,
    );
  return `<div class="strip ${kind}">${boxes.join("")}</div>`;
}

/** A table that scrolls by itself where it is too wide, by keyboard too. */
function table(
  caption: string,
  head: string,
  rows: readonly string[],
  label = caption,
): string {
  return `<div class="scroll" role="region" tabindex="0" aria-label="${escapeHtml(label)}">
<table><caption>${escapeHtml(caption)}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${rows.join("\n")}
</tbody></table>
</div>`;
}

function list(texts: readonly string[]): string {
  if (texts.length === 0) return "";
  return `<ul>${texts.map((text) => `<li>${escapeHtml(text)}</li>`).join("")}</ul>`;
}

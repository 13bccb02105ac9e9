/**
 * The style of the page. Colours have a contrast of at least 3 to 1 with their
 * background, text has 4.5 to 1. No meaning is in colour alone.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f4f5f7; --card: #fff; --ink: #14181d; --muted: #545e69;
  --line: #e1e5e9; --faint: #f0f2f4; --hover: #f3f6fb; --focus: #1b62d8;
  --running: #2c6bdb; --failed: #c5352a; --cross: #fff;
  --message: #5d7f9e; --dependency: #77828d; --concurrency: #a66b00; --rate: #7a4fd0;
  --feedback: #bf3a7e; --circuit: #a34a28; --retry: #0c7f86;
  --label: clamp(9rem, 26%, 18rem); --time: 5.5rem; --gap: .75rem;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0d1014; --card: #161a20; --ink: #e7eaee; --muted: #9ba7b4;
    --line: #2b323b; --faint: #20262d; --hover: #1c222b; --focus: #8ab4ff;
    --running: #6b9eff; --failed: #ff7a6e; --cross: #161a20;
    --message: #7fa6c9; --dependency: #8b97a4; --concurrency: #e0a63a; --rate: #b396ff;
    --feedback: #ff86b9; --circuit: #ffab7c; --retry: #45c8cc;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 4rem; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
main, .top, .foot { max-width: 100rem; margin-inline: auto; padding-inline: clamp(1rem, 3vw, 2rem); }
.top { padding-block: 2rem 1.25rem; }
h1 { margin: 0; font-size: clamp(1.5rem, 4vw, 2.1rem); line-height: 1.2; letter-spacing: -.02em; overflow-wrap: anywhere; }
.top p { margin: .35rem 0 0; color: var(--muted); }
h2 { margin: 0; font-size: 1.2rem; line-height: 1.3; letter-spacing: -.01em; overflow-wrap: anywhere; }
h3 { margin: 1.75rem 0 .5rem; font-size: .8rem; font-weight: 600; color: var(--muted); text-transform: uppercase; letter-spacing: .06em; }
a { color: var(--focus); text-underline-offset: .15em; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 4px; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.note { color: var(--muted); font-size: .85rem; }

.batches { list-style: none; margin: 1.25rem 0 0; padding: 0; display: grid; gap: .25rem 1.5rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); }
.batches li { display: flex; gap: .75rem; justify-content: space-between; border-bottom: 1px solid var(--line); padding-block: .3rem; }
.batches a { overflow-wrap: anywhere; }
.batches span { color: var(--muted); white-space: nowrap; font-variant-numeric: tabular-nums; }

.batch { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: clamp(1rem, 2.5vw, 1.75rem); margin-bottom: 1.5rem; }
.batch > header { display: flex; flex-wrap: wrap; gap: .15rem 1rem; align-items: baseline; justify-content: space-between; }
.batch > header p { margin: 0; color: var(--muted); font-size: .88rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 11rem), 1fr)); gap: 1rem clamp(1rem, 3vw, 2.5rem); margin: 1.25rem 0 0; }
.figures dt { color: var(--muted); font-size: .85rem; }
.figures dd { margin: 0; }
.figures b { display: block; font-size: 1.6rem; font-weight: 650; line-height: 1.25; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
.figures .note { overflow-wrap: anywhere; }
.measure { display: block; margin: .35rem 0 .3rem; }
.measure .all { fill: var(--faint); }
.measure .part { fill: var(--dependency); }
.measure.took .part { fill: var(--running); }
.measure.bound .part { fill: var(--ink); }

.stack { display: block; }
.parts, .legend { list-style: none; margin: .6rem 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: .3rem 1.25rem; font-size: .88rem; }
.parts b { font-weight: 600; white-space: nowrap; font-variant-numeric: tabular-nums; }
.parts li { overflow-wrap: anywhere; }
.legend { margin-top: .9rem; color: var(--muted); font-size: .83rem; }
.swatch { vertical-align: -1px; margin-right: .4rem; flex: none; }

.symbols { position: absolute; }
.symbols path, .symbols circle { fill: none; stroke: currentColor; stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round; }
pattern.message path { stroke: var(--message); }
pattern.dependency circle { fill: var(--dependency); stroke: none; }
pattern.concurrency path { stroke: var(--concurrency); }
pattern.rate path { stroke: var(--rate); }
pattern.feedback path { stroke: var(--feedback); }
pattern.circuit circle { stroke: var(--circuit); }
pattern.retry path { stroke: var(--retry); }
pattern.failed path { stroke: var(--cross); }
#arrowhead path { fill: var(--ink); stroke: none; }
rect.running { fill: var(--running); }
rect.failed { fill: var(--failed); }
rect.crosses { fill: url(#pattern-failed); }
rect.message { fill: url(#pattern-message); stroke: var(--message); }
rect.dependency { fill: url(#pattern-dependency); stroke: var(--dependency); }
rect.concurrency { fill: url(#pattern-concurrency); stroke: var(--concurrency); }
rect.rate { fill: url(#pattern-rate); stroke: var(--rate); }
rect.feedback { fill: url(#pattern-feedback); stroke: var(--feedback); }
rect.circuit { fill: url(#pattern-circuit); stroke: var(--circuit); }
rect.retry { fill: url(#pattern-retry); stroke: var(--retry); }
.bar rect, .swatch rect, .stack rect { stroke-width: 1; }
.overview rect { stroke: none; }
.overview line { stroke: var(--ink); stroke-width: 1.5; }
.overview { display: block; margin-bottom: .75rem; border: 1px solid var(--line); border-radius: 6px; }
.overview .message { fill: var(--message); fill-opacity: .35; }
.overview .dependency { fill: var(--dependency); fill-opacity: .35; }
.overview .concurrency { fill: var(--concurrency); fill-opacity: .45; }
.overview .rate { fill: var(--rate); fill-opacity: .45; }
.overview .feedback { fill: var(--feedback); fill-opacity: .45; }
.overview .circuit { fill: var(--circuit); fill-opacity: .45; }
.overview .retry { fill: var(--retry); fill-opacity: .45; }

.waterfall { position: relative; font-size: .88rem; }
.waterfall.long { max-height: 80vh; scroll-padding-top: 2.25rem; overflow: hidden auto; border-block: 1px solid var(--line); }
.row { display: grid; grid-template-columns: var(--label) minmax(0, 1fr) var(--time); column-gap: var(--gap); align-items: center; }
.axis { position: sticky; top: 0; z-index: 2; background: var(--card); padding-block: .35rem .2rem; }
.ticks text { fill: var(--muted); font-size: 11px; font-variant-numeric: tabular-nums; }
.ticks, .bar { display: block; overflow: visible; }
.rows { position: relative; }
.calls { list-style: none; margin: 0; padding: 0; }
.grid, .path, .arrows { position: absolute; left: calc(var(--label) + var(--gap)); top: 0; width: calc(100% - var(--label) - var(--time) - 2 * var(--gap)); height: 100%; overflow: visible; pointer-events: none; }
.grid line { stroke: var(--line); }
line.bound { stroke: var(--ink); stroke-dasharray: 2 3; stroke-width: 1.5; }
.grid line.bound { stroke: var(--ink); }
.path line, line.critical { stroke: var(--ink); stroke-width: 2; stroke-linecap: square; }
.arrows { z-index: 2; display: none; }
.arrows { filter: drop-shadow(0 0 1.5px var(--card)) drop-shadow(0 0 1px var(--card)); }
.arrows line { stroke: var(--ink); stroke-width: 1.5; }
.arrows circle { fill: var(--card); stroke: var(--ink); stroke-width: 1.5; }
.call:hover > .arrows, .call:focus-within > .arrows { display: block; }
details { position: relative; }
summary { list-style: none; cursor: pointer; padding-block: .22rem; border-radius: 6px; }
summary::-webkit-details-marker { display: none; }
.call:hover summary, details[open] > summary { background: var(--hover); }
.call:target summary { box-shadow: inset 0 0 0 2px var(--focus); }
summary:focus-visible { outline-offset: -2px; }
.label { display: flex; gap: .45rem; align-items: center; min-width: 0; }
.ordinal { min-width: 2ch; text-align: right; color: var(--muted); font-variant-numeric: tabular-nums; font-size: .8rem; }
.long .ordinal { min-width: 3ch; }
.name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.critical .name { font-weight: 650; }
.icon { flex: none; color: var(--muted); fill: none; stroke: currentColor; }
.icon.ok { color: var(--running); }
.icon.error { color: var(--failed); }
.time { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; color: var(--muted); }
.time.error { color: var(--failed); }

.inside .label { padding-inline-start: 1.1rem; }
.inside .inside .label { padding-inline-start: 2.2rem; }
.inside .inside .inside .label { padding-inline-start: 3.3rem; }
.inside .inside .inside .inside .label { padding-inline-start: 4.4rem; }
.inside > details > summary .name { color: var(--muted); }
.fold { flex: none; color: var(--muted); fill: none; stroke: currentColor; stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round; }
.inside > details[open] > summary .fold { transform: rotate(90deg); }
rect.batch-inside { fill: var(--faint); stroke: var(--dependency); }
.inside > details > summary:hover { background: var(--hover); }
.inside > details[open] > summary:not(:hover) { background: none; }
.rows:has(> .calls > .inside > details[open]) > .path, .calls:has(> .inside > details[open]) > .call > .arrows { display: none; }

.more { position: absolute; z-index: 3; top: 100%; left: 0; width: min(44rem, 100%); padding: .9rem 1.1rem; background: var(--card); border: 1px solid var(--line); border-radius: 10px; box-shadow: 0 10px 30px rgb(0 0 0 / .18); }
.more dl { margin: 0; display: grid; gap: .35rem; }
.more dl > div { display: grid; grid-template-columns: minmax(6rem, 9rem) minmax(0, 1fr); gap: .75rem; }
.more dt, .term { color: var(--muted); }
.more dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.more ul { margin: 0; padding: 0; list-style: none; }
.term { margin: .7rem 0 .25rem; }
pre { margin: 0; padding: .7rem .85rem; max-height: 18rem; overflow: auto; background: var(--faint); border-radius: 6px; font: 12.5px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
.skip { margin: 0; height: 0; }
.skip a { position: absolute; clip-path: inset(50%); }
.skip a:focus { position: relative; z-index: 4; clip-path: none; padding: .3rem .6rem; background: var(--card); }
.foot { padding-block: .5rem 2.5rem; color: var(--muted); font-size: .83rem; }
.foot p { margin: 0; }

@media (max-width: 44rem) {
  :root { --label: 0px; --time: 0px; --gap: 0px; }
  .row { grid-template-columns: minmax(0, 1fr) auto; column-gap: .75rem; }
  .row .bar, .row .ticks { grid-column: 1 / -1; grid-row: 2; }
  .label, .time { position: relative; justify-self: start; max-width: 100%; padding-inline: 0 .4rem; background: var(--card); }
  .time { justify-self: end; padding-inline: .4rem 0; }
  .call:hover .label, .call:hover .time, details[open] .label, details[open] .time { background: var(--hover); }
  .ticks .between { display: none; }
  .ticks .late { text-anchor: end; }
  .arrows { transform: translateY(10px); }
  .figures { grid-template-columns: repeat(3, minmax(0, 1fr)); gap: .75rem; }
  .figures b { font-size: 1.08rem; letter-spacing: -.03em; white-space: nowrap; }
  .figures .note { display: block; font-size: .8rem; line-height: 1.35; }
  .axis > span { display: none; }
  .axis .ticks { grid-row: 1; }
  summary { padding-block: .35rem .45rem; }
  .more { left: -.5rem; width: calc(100% + 1rem); }
  .more dl > div { grid-template-columns: minmax(0, 1fr); gap: 0; }
}
@media (forced-colors: active) {
  rect.running, .measure .part { fill: CanvasText; }
  .batch, summary { border-color: CanvasText; }
}
@media print {
  body { background: none; }
  .batch { break-inside: avoid-page; border: none; padding-inline: 0; }
  .waterfall.long { max-height: none; }
}
`;

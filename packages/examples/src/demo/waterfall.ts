import { paint } from "./paint.js";
import type { CallRecord, RunRecord, Span } from "./run-record.js";
import type { RunResult } from "./run-scene.js";

type Cell = "blank" | "model" | "waiting" | "running" | "failed";

/** A character of its own for each, so that a log without colour reads too. */
const CELLS = {
  blank: { character: " ", style: "reset" },
  model: { character: "━", style: "blue" },
  waiting: { character: "·", style: "yellow" },
  running: { character: "█", style: "green" },
  failed: { character: "×", style: "red" },
} as const;

const LABEL_WIDTH = 22;
const NOTE_WIDTH = 18;

export const LEGEND = (["model", "waiting", "running", "failed"] as const)
  .map((cell) => `${draw([cell, cell, cell])} ${cell}`)
  .join("   ");

/**
 * Draws what ran when: a line for the model, and one for each tool call.
 *
 * @param endMs what the right edge stands for
 */
export function drawWaterfall(
  { record, answers }: RunResult,
  endMs: number,
  width: number,
): string[] {
  const barWidth = Math.max(20, width - LABEL_WIDTH - NOTE_WIDTH - 2);
  const bar = (...spans: [Cell, Span][]) => {
    const cells: Cell[] = Array.from({ length: barWidth }, () => "blank");
    for (const [cell, span] of spans) {
      const from = Math.floor((span.startMs / endMs) * barWidth);
      const to = Math.round((span.endMs / endMs) * barWidth);
      cells.fill(cell, from, Math.max(to, from + 1));
    }
    return draw(cells);
  };
  return [
    line("model", bar(...record.turns.map(asModel)), ""),
    ...answers.map(({ id, name, args, depth }) => {
      const words = [name, ...Object.values(args)].join(" ");
      const label = `${"  ".repeat(depth)}${words}`;
      const call = record.calls.get(id);
      return line(label, bar(...spansOf(call)), call ? noteOf(call) : "");
    }),
  ];
}

function asModel(span: Span): [Cell, Span] {
  return ["model", span];
}

function spansOf(call: CallRecord | undefined): [Cell, Span][] {
  if (call === undefined) return [];
  const waits = call.waits.map((wait): [Cell, Span] => ["waiting", wait]);
  if (call.running === undefined) return waits;
  return [
    ...waits,
    [call.outcome === "error" ? "failed" : "running", call.running],
  ];
}

function noteOf({ outcome, waits }: CallRecord): string {
  if (outcome !== "ok") return outcome;
  return [...new Set(waits.map(({ what }) => what))].join(", ");
}

function line(label: string, bar: string, note: string): string {
  const fitting = label.slice(0, LABEL_WIDTH).padEnd(LABEL_WIDTH);
  return `${fitting} ${bar} ${note.slice(0, NOTE_WIDTH)}`.trimEnd();
}

function draw(cells: readonly Cell[]): string {
  let drawn = "";
  for (let from = 0; from < cells.length; ) {
    const cell = cells[from] as Cell;
    let to = from;
    while (cells[to] === cell) to += 1;
    const { character, style } = CELLS[cell];
    drawn += paint(style, character.repeat(to - from));
    from = to;
  }
  return drawn;
}

/** The time at which the last of several runs ended. */
export function lastEnd(records: readonly RunRecord[]): number {
  const ends = records.flatMap(({ turns }) => turns.map(({ endMs }) => endMs));
  return Math.max(1, ...ends);
}

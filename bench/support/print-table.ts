/** Prints rows of text under a title; the first column is left-aligned. */
export function printTable(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const lines = [columns, ...rows];
  const widths = columns.map((_, column) =>
    Math.max(...lines.map((line) => (line[column] ?? "").length)),
  );
  const show = (line: readonly string[]) =>
    widths
      .map((width, column) =>
        column === 0
          ? (line[column] ?? "").padEnd(width)
          : (line[column] ?? "").padStart(width),
      )
      .join("  ")
      .trimEnd();
  console.log(`\n${title}\n`);
  console.log(show(columns));
  console.log(widths.map((width) => "-".repeat(width)).join("  "));
  for (const row of rows) console.log(show(row));
}

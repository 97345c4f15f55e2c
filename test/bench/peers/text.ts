import type { PeerFigures } from "../peers.ts";
import { goals } from "./goals.ts";
import { type Table, tables } from "./report.ts";

/** A run for the terminal. */
export function peersText(figures: PeerFigures): string {
  const missed = goals(figures).filter(({ holds }) => !holds);
  return [
    ...Object.values(figures.versions),
    ...figures.absent,
    ...tables(figures).flatMap((table) => ["", ...plain(table)]),
    "",
    ...(missed.length > 0 ? ["goals that this run misses:"] : ["all goals hold"]),
    ...missed.map(({ goal, found }) => `  ${goal}: ${found}`),
  ].join("\n");
}

function plain({ title, head, rows }: Table): string[] {
  const widths = head.map((name, at) =>
    Math.max(...[name, ...rows.map((row) => row[at]!)].map(({ length }) => length)),
  );
  const line = (cells: readonly string[]) =>
    `  ${cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join("  ")}`;
  return [title, line(head), ...rows.map(line)];
}

import { join } from "shlex";
import type { Setting, Value } from "../config/settings.ts";

/** The table of settings: their names on the command line and in the file, the defaults, and what they do. */
export function settingsText(settings: readonly Setting[]): string {
  const rows = settings.map((s) => [s.word, s.key, valueText(s.fallback) || "-", s.doc]);
  const table = [["NAME=", "in bpf-app.config.ts", "default", ""], ...rows];
  const widths = [0, 1, 2].map((i) => Math.max(...table.map((row) => (row[i] ?? "").length)));
  const line = (row: readonly string[]) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ");
  return table.map((row) => `${line(row).trimEnd()}\n`).join("");
}

/** A default as it would be given on the command line. */
export function valueText(value: Value): string {
  if (typeof value === "boolean") return value ? "1" : "0";
  return typeof value === "string" ? value : join(value);
}

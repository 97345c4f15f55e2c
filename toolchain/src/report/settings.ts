import { join } from "shlex";
import type { Setting, Value } from "../config/settings.ts";

/** What `bpf-app settings` returns. */
export interface AllSettings {
  readonly settings: readonly Setting[];
  readonly file: readonly { readonly key: string; readonly doc: string }[];
}

/**
 * The table of settings: their names on the command line and in the file, the defaults, and what they do; and a table of
 * what the file alone takes.
 */
export function settingsText({ settings, file }: AllSettings): string {
  const rows = settings.map((s) => [s.word, s.key, valueText(s.fallback) || "-", s.doc]);
  const both = tableText([["NAME=", "in bpf-app.config.ts", "default", ""], ...rows]);
  const alone = tableText([["only in bpf-app.config.ts", ""], ...file.map(({ key, doc }) => [key, doc])]);
  return `${both}\n${alone}`;
}

function tableText(table: readonly (readonly string[])[]): string {
  const widths = (table[0] ?? []).map((_, i) => Math.max(...table.map((row) => (row[i] ?? "").length)));
  const line = (row: readonly string[]) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ");
  return table.map((row) => `${line(row).trimEnd()}\n`).join("");
}

/** A default as it would be given on the command line. */
export function valueText(value: Value): string {
  if (typeof value === "boolean") return value ? "1" : "0";
  return typeof value === "string" ? value : join(value);
}

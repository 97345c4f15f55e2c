import { SETTINGS } from "../config/settings.ts";
import { terminal } from "../report/terminal.ts";

/** The table of settings: the word of the command line, the key of the file, the default and what it does. */
export async function printSettings(): Promise<number> {
  const rows = SETTINGS.map((s) => [s.word, s.key, s.fallback || "-", s.doc]);
  const widths = [0, 1, 2].map((i) => Math.max(...rows.map((row) => (row[i] as string).length)));
  for (const row of [["NAME=", "in bpf-app.config.ts", "default", ""], ...rows]) {
    terminal.out(
      `${row
        .map((cell, i) => cell.padEnd(i === 1 ? 20 : (widths[i] ?? 0)))
        .join("  ")
        .trimEnd()}\n`,
    );
  }
  return 0;
}

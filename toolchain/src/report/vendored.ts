import type { Provenance } from "../../../vendor/provenance.ts";

/** A line a source: version, origin, and what exactly was taken. */
export function vendoredText({ sources }: Provenance): string {
  const rows = Object.entries(sources).map(([name, source]) => {
    const { origin, version, commit, suite, package: of, packageVersion, files = [] } = source;
    const exact =
      commit ?? (suite ? `${suite}, ${of} ${packageVersion}` : files.map((file) => file.name).join(", "));
    return [name, version, origin, exact];
  });
  const width = (column: number) => Math.max(...rows.map((row) => (row[column] as string).length));
  const widths = [0, 1, 2].map(width);
  const line = (row: readonly string[]) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ");
  return rows.map((row) => `${line(row)}\n`).join("");
}

export function submodulesText(names: readonly string[]): string {
  if (names.length === 0) return "All vendored sources are submodules already.\n";
  return `${names.map((name) => `  SUBMODULE  vendor/${name}\n`).join("")}Next: git commit\n`;
}

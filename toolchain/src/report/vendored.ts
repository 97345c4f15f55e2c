import type { Provenance } from "../../../vendor/provenance.ts";

/** Where the sources came from, or the sources that were turned into submodules. */
export type VendorReport = { readonly provenance: Provenance } | { readonly submodules: readonly string[] };

/** The text of `bpf-app vendor`. */
export function vendorText(report: VendorReport): string {
  return "provenance" in report ? provenanceText(report.provenance) : submodulesText(report.submodules);
}

/** One line for each source: its version, its origin, and what exactly was taken from there. */
function provenanceText({ sources }: Provenance): string {
  const rows = Object.entries(sources).map(([name, source]) => {
    const { origin, version, commit, suite, package: of, packageVersion, files = [] } = source;
    const exact =
      commit ?? (suite ? `${suite}, ${of} ${packageVersion}` : files.map((file) => file.name).join(", "));
    return [name, version, origin, exact];
  });
  const width = (column: number) => Math.max(...rows.map((row) => (row[column] ?? "").length));
  const widths = [0, 1, 2].map(width);
  const line = (row: readonly string[]) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ");
  return rows.map((row) => `${line(row)}\n`).join("");
}

function submodulesText(names: readonly string[]): string {
  if (names.length === 0) return "All vendored sources are submodules already.\n";
  return `${names.map((name) => `  SUBMODULE  vendor/${name}\n`).join("")}Next: git commit\n`;
}

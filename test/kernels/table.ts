import { ownArch } from "../../toolchain/src/base/arch.ts";
import type { CellResult } from "./judge.ts";

/** A column of the table: a kernel, and the package that was booted. */
export interface Column {
  readonly version: string;
  readonly title: string;
}

/** The page with the table of templates and kernels. The same results give the same text. */
export function page(results: readonly CellResult[], columns: readonly Column[], arch = ownArch()): string {
  const templates = [...new Set(results.map((r) => r.template))].sort();
  const notes: string[] = [];
  const mark = (cell: CellResult | undefined) => {
    if (cell === undefined) return "";
    if (cell.result === "pass") return "✓";
    if (cell.result === "fail") return "✗";
    const note = cell.reason ?? "";
    if (!notes.includes(note)) notes.push(note);
    return `–[^${notes.indexOf(note) + 1}]`;
  };
  const rows = templates.map((template) => {
    const cells = columns.map((column) =>
      mark(results.find((r) => r.template === template && r.kernel === column.version)),
    );
    return `| ${template} | ${cells.join(" | ")} |`;
  });
  const foreign = arch !== ownArch();
  const lines = [
    `# Where each template runs${foreign ? ` on ${arch.title}` : ""}`,
    "",
    `Written by \`npm run test:kernels${foreign ? ` -- --arch ${arch.node}` : ""}\`: each template was generated, built, and its one file run in a guest with`,
    "each of Debian's kernels. ✓: it loaded, attached, saw the event that was triggered with the right values, ended on",
    "SIGINT with exit code 0, left nothing attached and nothing in the kernel's log. –: it cannot work there, and says so.",
    "",
    `| | ${columns.map((column) => column.version).join(" | ")} |`,
    `|---|${columns.map(() => ":-:").join("|")}|`,
    ...rows,
    "",
    ...notes.map((note, index) => `[^${index + 1}]: ${note}`),
    ...(notes.length > 0 ? [""] : []),
    "The kernels:",
    "",
    ...columns.map((column) => `- ${column.version}: ${column.title}`),
    "",
  ];
  return lines.join("\n");
}

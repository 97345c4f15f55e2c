import type { Finding } from "../host/examine.ts";
import { installCommand } from "../host/packages.ts";
import { wording } from "./errors.ts";

const MARK = { ok: "ok", missing: "MISSING", limited: "limited" } as const;

/** The findings as a table, and one command that installs what is missing. */
export function doctorText(findings: readonly Finding[]): string {
  const rows = findings.map((f) => {
    const said = f.error ? wording(f.error) : undefined;
    const detail = said ? `${said.what} ${f.apt ? "" : said.next}` : f.detail;
    return `  ${MARK[f.state].padEnd(8)} ${f.subject.padEnd(18)} ${detail.replaceAll("\n", " ").trimEnd()}\n`;
  });
  const packages = [
    ...new Set(findings.filter((f) => f.state === "missing" && f.apt).map((f) => f.apt as string)),
  ];
  const install =
    packages.length > 0
      ? `\nInstall what is missing: sudo ${installCommand("apt", packages).join(" ")}\n`
      : "";
  return `${rows.join("")}${install}`;
}

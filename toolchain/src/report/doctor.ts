import type { Failure } from "../base/failure.ts";
import { type Install, installCommand, installOf, type Need } from "../base/packages.ts";
import type { Wording } from "../base/wording.ts";
import type { Finding } from "../host/examine.ts";

const MARK = { ok: "ok", missing: "MISSING", limited: "limited" } as const;

/**
 * The findings as a table, and a command that installs everything that is missing. `wording` gives an error's words.
 */
export function doctorText(
  findings: readonly Finding[],
  wording: (error: Failure) => Wording | undefined,
): string {
  const rows = findings.map((f) => {
    const said = f.error ? wording(f.error) : undefined;
    const detail = said ? `${said.what} ${f.need ? "" : said.next}` : f.detail;
    return `  ${MARK[f.state].padEnd(8)} ${f.subject.padEnd(18)} ${detail.replaceAll("\n", " ").trimEnd()}\n`;
  });
  const needs = findings.flatMap((f) => (f.state === "missing" && f.need ? [f.need] : []));
  const install = installOf(needs);
  return `${rows.join("")}${needs.length > 0 ? `\n${advice(needs, install)}\n` : ""}`;
}

function advice(needs: readonly Need[], install: Install | undefined): string {
  const names = needs.map((need) => need.command).join(", ");
  return install
    ? `Install what is missing: sudo ${installCommand(install.manager, install.packages).join(" ")}`
    : `Install what is missing with this system's package manager: ${names}`;
}

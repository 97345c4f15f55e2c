import type { Finding } from "../doctor/finding.ts";
import { findingsText } from "./findings.ts";
import type { Paint } from "./paint.ts";

/** What `bpf-app doctor` prints: what building needs, a command that installs all that is missing, and each executable. */
export function doctorText(
  diagnosis: {
    readonly findings: readonly Finding[];
    readonly install: string | undefined;
    readonly missing: readonly string[];
    readonly targets: readonly { readonly file: string; readonly findings: readonly Finding[] }[];
  },
  paint: Paint,
): string {
  const { findings, install, missing, targets } = diagnosis;
  const advice = install
    ? `\nInstall what is missing: ${paint("bold", install)}\n`
    : missing.length > 0
      ? `\nInstall what is missing with this system's package manager: ${missing.join(", ")}\n`
      : "";
  const files = targets.map(
    (one) => `\n${paint("bold", one.file)}, run here by this user:\n${findingsText(one.findings, paint)}`,
  );
  return `${findingsText(findings, paint)}${advice}${files.join("")}`;
}

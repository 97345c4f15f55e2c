import { loadConfig } from "../config/load.ts";
import type { Words } from "../config/words.ts";
import { examine } from "../host/examine.ts";
import { doctorText } from "../report/doctor.ts";
import { terminal } from "../report/terminal.ts";

/** Looks at everything a build and a run need. Exit status 1 if a build cannot work here. */
export async function doctor(root: string, assignments: Words["assignments"]): Promise<number> {
  const config = await loadConfig(root, assignments, process.env);
  const findings = examine(config, process.env);
  terminal.out(doctorText(findings));
  return findings.some((finding) => finding.state === "missing") ? 1 : 0;
}

import { allWell } from "../doctor/finding.ts";
import { inspectFile } from "../inspect/inspect.ts";
import { licencesOf, sbomOf } from "../inspect/noted.ts";
import { findingsText } from "../report/findings.ts";
import { inspectText } from "../report/inspect.ts";
import { licencesText } from "../report/licences.ts";
import type { Paint } from "../report/paint.ts";
import { doctorItself, ownFile } from "./doctor.ts";

/** What a switch prints, as text and as data for `--json`, and the exit status. */
export interface Answer {
  readonly text: (paint: Paint) => string;
  readonly data: unknown;
  readonly status: number;
}

/** The values of BPF_APP, and what the executable answers to each. */
export const SWITCHES: Readonly<Record<string, () => Promise<Answer>>> = {
  inspect: async () => {
    const data = await inspectFile(process.execPath, ownFile());
    return { text: (paint) => inspectText(data, paint), data, status: 0 };
  },
  doctor: async () => {
    const findings = await doctorItself();
    const ok = allWell(findings);
    return {
      text: (paint) => findingsText(findings, paint),
      data: { file: ownFile(), ok, findings },
      status: ok ? 0 : 1,
    };
  },
  licenses: async () => {
    const data = await licencesOf(process.execPath, ownFile());
    return { text: (paint) => licencesText(data, paint), data, status: 0 };
  },
  sbom: async () => {
    const data = await sbomOf(process.execPath, ownFile());
    return { text: () => `${JSON.stringify(data, null, 2)}\n`, data, status: 0 };
  },
};

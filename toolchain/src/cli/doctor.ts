import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Install, installCommand, installOf, type Need, osRelease } from "../base/packages.ts";
import { loadConfig } from "../config/load.ts";
import type { Finding } from "../doctor/finding.ts";
import { examine, type HostFinding, type Place } from "../host/examine.ts";
import { askFile } from "./ask-file.ts";
import { wording } from "./errors.ts";
import type { Call } from "./verb.ts";

/** What `doctor` found. */
export interface Diagnosis {
  /** What a build depends on. */
  readonly findings: readonly Finding[];
  /** The one command that installs all that is missing; undefined if nothing is, or no package manager is known. */
  readonly install: string | undefined;
  /** The commands that are missing, for a system whose package manager we do not know. */
  readonly missing: readonly string[];
  /** What each executable that is built says of running here, as this user. */
  readonly targets: readonly { readonly file: string; readonly findings: readonly Finding[] }[];
}

/**
 * Looks at everything that building needs, and asks every executable that is built what it needs to run here.
 *
 * @param place where to look, other than at this machine
 * @throws Failure of the layer config
 */
export async function doctor(
  { root: app, assignments }: Omit<Call<unknown>, "options" | "rest">,
  place: Place = { environment: process.env },
): Promise<Diagnosis> {
  const config = await loadConfig(app, assignments, place.environment);
  const found = examine(config, place);
  const needs = found.flatMap((one) => (one.need && isMissing(one) ? [one.need] : []));
  const install = installOf(needs, place.environment.PATH ?? "", osRelease(place.root));
  const files = config.targets
    .map(({ name }) => `dist/${name}`)
    .filter((file) => existsSync(join(app, file)));
  const targets: { file: string; findings: readonly Finding[] }[] = [];
  for (const file of files) targets.push({ file, findings: await askFile(app, file) });
  return {
    findings: found.map((one) => said(one)),
    install: install && commandLine(install),
    missing: needs.map(({ command }: Need) => command),
    targets,
  };
}

/** Whether a package would bring it. A program that is there, and does not run or is too old, is not missing. */
function isMissing({ state, error }: HostFinding): boolean {
  if (state !== "error") return false;
  return error === undefined || error.failure.kind === "tool-missing";
}

function commandLine({ manager, packages }: Install): string {
  const command = installCommand(manager, packages).join(" ");
  // Containers have a root without sudo.
  return process.getuid?.() === 0 ? command : `sudo ${command}`;
}

/** Puts a finding into words. What installing everything at once mends is said once, below the table. */
function said({ subject, state, detail, why, fix, need, error }: HostFinding): Finding {
  const words = error && wording(error);
  if (!words) return { subject, state, detail, ...(why && { why }), ...(fix && { fix }) };
  const atOnce = need !== undefined && error?.failure.kind === "tool-missing";
  return {
    subject,
    state,
    detail: words.what,
    ...(words.why === undefined || atOnce ? {} : { why: words.why }),
    ...(atOnce ? {} : { fix: words.next }),
  };
}

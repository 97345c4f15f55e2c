import { installCommand } from "../toolchain/src/base/packages.ts";
import type { Wording } from "../toolchain/src/base/wording.ts";
import type { Fault, VendorFailure } from "./failures.ts";
import { ORIGIN_NAMES, type OriginName } from "./origin-names.ts";
import type { Attempt, SourceRecord } from "./provenance.ts";

/** Why vendoring has failed, and what to do about it. */
export function vendorWords(failure: VendorFailure): Wording {
  switch (failure.kind) {
    case "pins-invalid":
      return {
        what: `${failure.path} is not a valid list of pins: ${failure.problem}.`,
        next: "vendor/README.md describes the fields.",
      };
    case "sources-unavailable":
      return {
        what: `${list(failure.sources.map((source) => source.name))} could not be obtained from ${everybody(failure.asked) ? "any origin" : list(failure.asked)}.`,
        why: tables(failure.sources),
        next: remedy(failure),
      };
    case "no-room":
      return {
        what: `There is no room for the sources: ${failure.path} cannot be written.`,
        why: failure.output,
        next: "Free about 300 MB there, or name a folder on another disk, and run the same command again.",
      };
    case "not-vendored":
      return {
        what: `${failure.path} has no file vendor/origins.json, which says where the sources came from.`,
        next: "Run this in the folder of an app that create-bpf-app made.",
      };
    case "provenance-invalid":
      return {
        what: `${failure.path} is not as it was written: ${failure.problem}.`,
        next: `Restore it: git checkout -- ${failure.path}`,
      };
    case "no-repository":
      return {
        what: `${failure.path} is not the top folder of a git repository, which is needed for submodules.`,
        next: "Run git init there, commit the app, and run the same command again.",
      };
    case "submodule-unavailable":
      return {
        what: `${failure.name} could not be fetched.`,
        why: `The reason: ${faultWords(failure.fault)}.\nThe app has not been changed.`,
        next: "Check this machine's network and its proxy settings, and run the same command again.",
      };
    case "source-changed":
      return {
        what: `${list(failure.paths)} would lose changes: the files there differ from the last commit.`,
        why: "Nothing was changed.",
        next: "Commit or revert these changes, and run the same command again.",
      };
  }
}

/** Where a source came from, as the end of "Vendored from …". */
export function originText({ origin, suite }: SourceRecord): string {
  switch (origin) {
    case "git":
      return "git";
    case "bundled":
      return "this package, at the pinned commits";
    case "pool":
      return "Debian's pool";
    case "index":
      return `${suite}'s signed packages`;
  }
}

/** Why an origin did not deliver, as part of a sentence, without a capital letter and a full stop. */
export function faultWords(fault: Fault): string {
  switch (fault.kind) {
    case "unreachable":
      return `${fault.place} cannot be reached (${fault.output})`;
    case "slow":
      return `${fault.place} sends almost no data`;
    case "absent":
      return `${fault.place} has no ${fault.what}`;
    case "refused":
      return `${fault.place} did not give ${fault.what} (${fault.output})`;
    case "corrupt":
      return `${fault.place} has sent something else than ${fault.what}, which was discarded (${fault.output})`;
    case "unsigned":
      return `the signature of ${fault.place} could not be verified (${fault.output})`;
    case "tag-moved":
      return `the tag ${fault.tag} of ${fault.url} is at ${fault.found} and not at the pinned ${fault.pinned}, so somebody has moved it or this is another repository; nothing of it was used`;
    case "odd":
      return `${fault.what} is not as expected: ${fault.problem}`;
    case "mismatch":
      return `${fault.name} ${fault.version} does not go with ${fault.other} ${fault.otherVersion}, which needs ${fault.needs}`;
    case "lacks":
      return `this machine has no ${fault.what}${fault.install ? ` (package ${fault.install.packages.join(", ")})` : ""}`;
    case "no-bundle":
      return "this create-bpf-app runs from a checkout and carries no sources";
    case "no-mirror":
      return `this machine's apt names no mirror of ${fault.distro}`;
    case "disk":
      return `${fault.path} cannot be written (${fault.output})`;
  }
}

/** The reasons for each source, one line for each origin. Sources with the same reasons are listed together. */
function tables(sources: readonly { readonly name: string; readonly tried: readonly Attempt[] }[]): string {
  const names = new Map<string, string[]>();
  for (const { name, tried } of sources) {
    const rows = tried.map(({ origin, offer, why }) => `  ${origin}${offer ? ` (${offer})` : ""}: ${why}`);
    const text = rows.join("\n");
    names.set(text, [...(names.get(text) ?? []), name]);
  }
  return [...names].map(([rows, members]) => `${list(members)}\n${rows}`).join("\n");
}

/** What to do. If something is missing on this machine, installing it comes first, because it helps most surely. */
function remedy({ asked, faults }: Extract<VendorFailure, { kind: "sources-unavailable" }>): string {
  const installs = faults.flatMap((fault) => (fault.kind === "lacks" ? (fault.install ?? []) : []));
  const again = "and run the same command again. What has arrived completely is not downloaded again.";
  const [install] = installs;
  if (!install && faults.some((fault) => fault.kind === "lacks"))
    return `Install what is missing with this system's package manager, ${again}`;
  if (install) {
    const packages = [...new Set(installs.flatMap((one) => one.packages))];
    return `Install what is missing (${installCommand(install.manager, packages).join(" ")}) ${again}`;
  }
  if (!everybody(asked))
    return `Leave out --vendor ${asked.join(",")}, so that the other origins are asked as well.`;
  return `Check this machine's network and its proxy settings, ${again}`;
}

function everybody(asked: readonly OriginName[]): boolean {
  return asked.length === ORIGIN_NAMES.length;
}

function list(names: readonly string[]): string {
  return names.length < 2 ? `${names[0]}` : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

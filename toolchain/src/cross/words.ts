import type { Wording } from "../base/wording.ts";
import type { CrossFailure } from "./failures.ts";

/** What a build for another architecture could not fetch, and what to do about it. */
export function crossWords(f: CrossFailure): Wording {
  switch (f.kind) {
    case "node-unavailable":
      return {
        what: `npm did not deliver ${f.package}, the Node for the other machine.`,
        why: f.output.trim(),
        next: "Check this machine's network and npm's settings (npm config get registry), and build again.\nOr name the executable of an unpacked release of nodejs.org for that machine: NODE=path/to/bin/node",
      };
    case "node-not-as-locked":
      return {
        what: `The archive of ${f.package} is not the one that package-lock.json names.`,
        why: `Its hash is ${f.found}, and ${f.locked} was expected.`,
        next: "Find out why: the registry delivers another file, or somebody has changed the lock file. Nothing of it was used.",
      };
    case "types-unavailable":
      return {
        what: `The types of a kernel for ${f.arch} (vmlinux.h) cannot be had.`,
        why: f.tried.map(({ origin, why }) => `${origin}: ${why.trim()}`).join("\n"),
        next: "Copy /sys/kernel/btf/vmlinux from a machine of that architecture, and name the copy: VMLINUX=path/to/it",
      };
    case "cross-arguments":
      return { what: `The arguments of ${f.action} are wrong.`, next: `It is called so: ${f.usage}` };
  }
}

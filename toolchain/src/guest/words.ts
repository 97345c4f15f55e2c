import { installCommand } from "../base/packages.ts";
import type { Wording } from "../base/wording.ts";
import type { GuestFailure } from "./failures.ts";

/** What is wrong with a guest, and what to do about it. */
export function guestWords(f: GuestFailure): Wording {
  switch (f.kind) {
    case "needs-missing":
      return {
        what: `Checking on other kernels needs ${f.needs.map(({ name }) => name).join(", ")}, which this machine does not have.`,
        why: f.needs.map(({ name, why }) => `${name}: ${why}`).join("\n"),
        next: f.install
          ? `Install it: sudo ${installCommand(f.install.manager, f.install.packages).join(" ")}`
          : "Install it with this system's package manager.",
      };
    case "other-architecture":
      return {
        what: `Other kernels cannot be checked on this machine, whose processor is ${f.arch}.`,
        why: "The kernels that guests boot are made for x86-64 and for arm64.",
        next: "Check on such a machine, or without --kernels on this machine's own kernel.",
      };
    case "unknown-kernel":
      return {
        what: `There is no kernel ${f.version} to check on.`,
        why: `The kernels are ${f.known.join(", ")}.`,
        next: f.nearest ? `The nearest one is ${f.nearest}: --kernels ${f.nearest}` : "Name one of these.",
      };
    case "no-mirror":
      return {
        what: "The kernels come from Debian's archive, and apt's configuration names no mirror of it.",
        next: `Name one in the environment, for example: ${f.variable}=https://MIRROR/debian npx bpf-app check --kernels 6.12`,
      };
    case "no-kernel":
      return {
        what: `No kernel can be had for ${f.versions.join(", ")}.`,
        why: f.reasons.join("\n"),
        next: "Check this machine's network and its proxy settings, or name another version.",
      };
    case "library-missing":
      return {
        what: `${f.file} needs ${f.name}, which the guest would not have.`,
        why: "It is in none of the folders in which this machine keeps its libraries.",
        next: "Name its folder in LD_LIBRARY_PATH.",
      };
    case "guest-died":
      return {
        what: `The guest with Linux ${f.kernel} ended before its work was done.`,
        why: f.console.trim() || "It said nothing.",
        next: "Try again. If it ends there each time, report it with the text above.",
      };
  }
}

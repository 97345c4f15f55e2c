import { didYouMean } from "../base/nearest.ts";
import { installText } from "../base/packages.ts";
import type { Wording } from "../base/wording.ts";
import type { CliFailure } from "./failures.ts";

/** What is wrong with a command line, and how to correct it. */
export function cliWords(f: CliFailure): Wording {
  switch (f.kind) {
    case "usage":
      return { what: f.message, next: "See the help: npx bpf-app --help" };
    case "unknown-verb":
      return {
        what: `There is no verb ${f.verb}.`,
        next: `${didYouMean(f.verb, f.known)}The verbs are: ${f.known.join(", ")}`,
      };
    case "no-folder":
      return {
        what: "The folder that this command was given in does not exist any more.",
        next: "Change to the app's folder.",
      };
    case "no-target":
      return {
        what: "The app has no user side that could run.",
        why: "No src/NAME.ts was found beside a src/NAME.bpf.c.",
        next: "Write one, or add the one of a template: npx bpf-app add minimal",
      };
    case "which-target":
      return {
        what: "The app has several programs, and none was named.",
        next: `Name one of ${f.known.join(", ")}, for example: npx bpf-app ${f.verb} ${f.known[0]}`,
      };
    case "sudo-missing":
      return {
        what: `${f.program} needs root's privileges to load BPF programs, and sudo was not found.`,
        next: `${installText(f.install, "sudo")}\nOr build the app as this user (npx bpf-app build), and run ${f.program} as root.`,
      };
    case "app-not-started":
      return {
        what: `${f.program} could not be started: the operating system reports ${f.code}.`,
        next: "See whether it may be executed: `ls -l` shows its permissions, and `mount` whether its file system has noexec.",
      };
    case "check-needs-root":
      return {
        what: "Loading programs into this machine's kernel takes root's privileges, and sudo was not found.",
        next: `${installText(f.install, "sudo")}\nOr check in a guest, which takes none: npx bpf-app check --kernels 6.12`,
      };
    case "check-not-run":
      return {
        what: `The programs could not all be loaded: what loads them ended with ${f.ended ?? "nothing"}.`,
        ...(f.text === "" ? {} : { why: f.text }),
        next: "If sudo did not refuse, report this with the text above.",
      };
    case "file-exists":
      return {
        what: `The template ${f.template} would overwrite ${f.paths.join(", ")}.`,
        why: "Nothing was changed.",
        next: "Rename these files, and add the template again.",
      };
    case "dependency-conflict":
      return {
        what: `The app depends on ${f.name} ${f.have}, but the template needs ${f.want}.`,
        why: "Nothing was changed.",
        next: `Change package.json to ${f.name} ${f.want} if the app works with it, and add the template again.`,
      };
  }
}

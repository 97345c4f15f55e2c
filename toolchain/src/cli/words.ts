import { didYouMean } from "../base/nearest.ts";
import { installText } from "../base/packages.ts";
import type { Wording } from "../base/wording.ts";
import type { CliFailure } from "./failures.ts";

export function cliWords(f: CliFailure): Wording {
  switch (f.kind) {
    case "usage":
      return { what: f.message, next: "Help: npx bpf-app --help" };
    case "unknown-verb":
      return {
        what: `There is no verb ${f.verb}.`,
        next: `${didYouMean(f.verb, f.known)}Verbs: ${f.known.join(", ")}`,
      };
    case "no-folder":
      return {
        what: "The folder that this command was given in does not exist any more.",
        next: "Change to the app's folder.",
      };
    case "no-target":
      return {
        what: "The app has no user side to run.",
        why: "No src/NAME.ts beside a src/NAME.bpf.c was found.",
        next: "Write one, or take a template's: npx bpf-app add minimal",
      };
    case "which-target":
      return {
        what: "The app has several programs; which one?",
        next: `npx bpf-app ${f.verb} ${f.known[0]}   (or ${f.known.slice(1).join(", ")})`,
      };
    case "sudo-missing":
      return {
        what: `${f.program} needs root's privileges to load BPF programs, and sudo was not found.`,
        next: `${installText(f.install, "sudo")}\nOr build as yourself (npx bpf-app build) and run ${f.program} as root.`,
      };
    case "app-not-started":
      return {
        what: `${f.program} could not be started: the system says ${f.code}.`,
        next: "See whether it may be executed there (`ls -l`, and `mount` for a file system with noexec).",
      };
    case "file-exists":
      return {
        what: `The template ${f.template} would overwrite ${f.paths.join(", ")}.`,
        why: "Nothing was changed.",
        next: "Rename those files, then add the template again.",
      };
    case "dependency-conflict":
      return {
        what: `The app depends on ${f.name} ${f.have}, the template needs ${f.want}.`,
        why: "Nothing was changed.",
        next: `Settle on one version of ${f.name} in package.json, then add the template again.`,
      };
  }
}

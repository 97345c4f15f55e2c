import { didYouMean } from "../base/nearest.ts";
import { permissionWords } from "../base/owner.ts";
import { installText } from "../base/packages.ts";
import type { Wording } from "../base/wording.ts";
import type { CliFailure } from "./failures.ts";

/** What is wrong with a command line, and how to correct it. */
export function cliWords(f: CliFailure): Wording {
  switch (f.kind) {
    case "usage":
      return { what: f.message, next: helpOf(f.verb) };
    case "no-verb":
      return {
        what: "A verb is missing.",
        why: `The verbs are ${f.known.join(", ")}.`,
        next: helpOf(undefined),
      };
    case "unknown-option":
      return {
        what: `${f.verb === undefined ? "bpf-app" : `bpf-app ${f.verb}`} has no option ${f.option}.`,
        next: `${didYouMean(f.option, f.known)}${helpOf(f.verb)}`,
      };
    case "bad-choice":
      return {
        what: `${f.what} takes one of ${f.known.join(", ")}${f.given === undefined ? "" : `, and not "${f.given}"`}.`,
        next: `${didYouMean(f.given ?? "", f.known)}${helpOf(f.verb)}`,
      };
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
    case "other-machine":
      return {
        what: `${f.verb} runs programs on this machine, and ARCH=${f.arch} is another one.`,
        next:
          f.verb === "check"
            ? `Check on kernels of that architecture, in guests: npx bpf-app check ARCH=${f.arch} --kernels 6.12`
            : `Leave ARCH out; or build with it, and copy dist/NAME-${f.arch} to such a machine.`,
      };
    case "check-not-run":
      return {
        what: `The programs could not all be loaded: what loads them ended with ${f.ended ?? "nothing"}.`,
        ...(f.text === "" ? {} : { why: f.text }),
        next: "If sudo did not refuse, report this with the text above.",
      };
    case "interrupted":
      return { what: "Interrupted.", next: "Nothing has changed. Give the same command again to go on." };
    case "dangling-link":
      return {
        what: `${f.link} is a link to ${f.target}, which does not exist.`,
        next: "Make what it leads to, or remove the link, and give the command again.",
      };
    case "system":
      return systemWords(f.code, f.path, f.rootOwned);
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

function systemWords(code: string, path: string | undefined, rootOwned: readonly string[]): Wording {
  const what = path ?? "a file";
  switch (code) {
    case "EACCES":
    case "EPERM":
      return { what: `There is no permission to use ${what}.`, ...permissionWords(rootOwned) };
    case "EROFS":
      return {
        what: `${what} is on a file system that is read-only.`,
        next: "Make it writable, or copy the app to a file system that is, and give the command again.",
      };
    case "ENOSPC":
    case "EDQUOT":
      return {
        what: `No space is left to write ${what}.`,
        next: "Free some space on that disk, and give the command again.",
      };
    case "EEXIST":
      return {
        what: `${what} is in the way.`,
        next: "Move it away, and give the command again.",
      };
    case "ENOTDIR":
    case "EISDIR":
      return {
        what: `${what} ${code === "ENOTDIR" ? "is not a folder" : "is a folder, where a file belongs"}.`,
        next: "Move it away, or make of it what belongs there, and give the command again.",
      };
    default:
      return {
        what: `The operating system reports ${code} for ${what}.`,
        next: "`man 3 errno` explains the code.",
      };
  }
}

function helpOf(verb: string | undefined): string {
  return `See the help: npx bpf-app ${verb === undefined ? "--help" : `help ${verb}`}`;
}

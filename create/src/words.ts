import { commandWords } from "../../toolchain/src/base/command.ts";
import type { Wording } from "../../toolchain/src/base/wording.ts";
import { vendorWords } from "../../vendor/words.ts";
import type { CreateFailure } from "./failures.ts";

/** The one place where create-bpf-app words its failures. */
export function words(failure: CreateFailure): Wording {
  switch (failure.kind) {
    case "usage":
      return { what: failure.problem, next: "create-bpf-app --help lists the flags." };
    case "unknown-template":
      return {
        what: `There is no template "${failure.name}".`,
        why: `Templates: ${failure.known.join(", ")}.`,
        next: failure.guess
          ? `Did you mean --template ${failure.guess}?`
          : "create-bpf-app --list-templates says what each one shows.",
      };
    case "template-invalid":
      return {
        what: `${failure.path} is not a valid template description: ${failure.problem}.`,
        next: "templates/README.md describes the fields.",
      };
    case "target-not-empty":
      return {
        what: `${failure.path} is not empty: it holds ${failure.found}.`,
        why: "Nothing in it was touched.",
        next: "Name another folder, or empty this one yourself.",
      };
    case "target-not-a-folder":
      return {
        what: `${failure.path} is a ${failure.found}, not a folder.`,
        why: "It was not touched.",
        next: "Name another folder.",
      };
    case "target-unwritable":
      return {
        what: `Cannot create ${failure.path} (${failure.code}).`,
        next: "Name a folder you may write to.",
      };
    case "interrupted":
      return {
        what: "Interrupted; nothing was left behind.",
        next: "Run the same command again to start over.",
      };
    case "program-missing":
    case "command-failed":
      return commandWords(failure);
    case "install-failed":
      return {
        what: `${failure.command} failed.`,
        why: failure.output,
        next: `The app in ${failure.target} is whole but for its packages. Run npm install there when the registry answers.`,
      };
    case "toolchain-not-built":
      return {
        what: `The toolchain in ${failure.folder} could not be built.`,
        why: failure.output,
        next: "Run npm install in the checkout, then npm run build.",
      };
    case "not-an-app":
      return {
        what: `${failure.path} is not an app made by create-bpf-app: it has no package.json or no src folder.`,
        next: "Run this in the app's folder.",
      };
    case "file-exists":
      return {
        what: `The template ${failure.template} would overwrite ${failure.paths.join(", ")}.`,
        why: "Nothing was changed.",
        next: "Rename those files, then add the template again.",
      };
    case "dependency-conflict":
      return {
        what: `The app depends on ${failure.name} ${failure.have}, the template needs ${failure.want}.`,
        why: "Nothing was changed.",
        next: `Settle on one version of ${failure.name} in package.json, then add the template again.`,
      };
    default:
      return vendorWords(failure);
  }
}

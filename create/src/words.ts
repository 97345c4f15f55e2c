import type { Wording } from "../../toolchain/src/base/wording.ts";
import type { CreateFailure } from "./failures.ts";

/** What went wrong while an app was made, and what to do about it. */
export function createWords(failure: CreateFailure): Wording {
  switch (failure.kind) {
    case "usage":
      return { what: failure.problem, next: "See the options: create-bpf-app --help" };
    case "target-not-empty":
      return {
        what: `${failure.path} is not empty: it contains ${failure.found}.`,
        why: "Nothing in it was touched.",
        next: "Name another folder, or remove the files from this one yourself.",
      };
    case "target-not-a-folder":
      return {
        what: `${failure.path} is a ${failure.found} and not a folder.`,
        why: "It was not touched.",
        next: "Name another folder.",
      };
    case "target-unwritable":
      return {
        what: `${failure.path} cannot be created: the operating system reports ${failure.code}.`,
        next: "Name a folder in which you may write.",
      };
    case "interrupted":
      return {
        what: "Interrupted; nothing was left behind.",
        next: "Run the same command again to start from the beginning.",
      };
    case "install-failed":
      return {
        what: `${failure.command} failed.`,
        why: failure.output,
        next: `The app in ${failure.target} is complete except for its packages. Run npm install there when the registry answers.`,
      };
    case "toolchain-not-built":
      return {
        what: `The toolchain in ${failure.folder} could not be built.`,
        why: failure.output,
        next: "Run npm install and then npm run build in the checkout.",
      };
  }
}

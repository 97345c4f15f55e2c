import type { Wording } from "../../toolchain/src/base/wording.ts";
import type { CreateFailure } from "./failures.ts";

export function createWords(failure: CreateFailure): Wording {
  switch (failure.kind) {
    case "usage":
      return { what: failure.problem, next: "create-bpf-app --help lists the flags." };
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
  }
}

import type { Wording } from "../../toolchain/src/base/wording.ts";
import type { CreateFailure, NameProblem } from "./failures.ts";

/** What went wrong while an app was made, and what to do about it. */
export function createWords(failure: CreateFailure): Wording {
  switch (failure.kind) {
    case "usage":
      return {
        what: failure.problem,
        next: failure.hint ?? "See the options: create-bpf-app --help",
      };
    case "name-unusable":
      return {
        what: `No app can be in ${printable(failure.path)}.`,
        why: problemWords(failure.why),
        next: "Name another folder.",
      };
    case "target-not-empty":
      return {
        what: `${failure.path} is not empty: it contains ${failure.found}.`,
        why: "Nothing in it was touched.",
        next: "Name another folder, or add --force, which adds the app's files and overwrites none that is there.",
      };
    case "target-in-the-way":
      return {
        what: `${failure.path} has to be a ${failure.wanted} and is something else.`,
        why: "It was not touched.",
        next: "Move it away, or name another folder.",
      };
    case "repository-unreadable":
      return {
        what: `git cannot read ${failure.path}.`,
        why: failure.output,
        next: "Mend the repository, or add --no-git, which leaves it alone.",
      };
    case "manager-missing":
      return {
        what: `${failure.manager} was not found, so it cannot install the packages.`,
        next:
          failure.manager === "npm"
            ? "Install npm, which comes with Node, or add --no-install."
            : `Install it: ${failure.get}\nOr take another one with --pm, or add --no-install.`,
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
        next:
          failure.code === "ENOSPC"
            ? "Make room on that disk, or name a folder on another one."
            : "Name a folder in which you may write.",
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
        next: `The app in ${failure.target} is complete except for its packages. Run ${failure.command} there when the registry answers.`,
      };
    case "toolchain-not-built":
      return {
        what: `The toolchain in ${failure.folder} could not be built.`,
        why: failure.output,
        next: "Run npm install and then npm run build in the checkout.",
      };
  }
}

function problemWords(problem: NameProblem): string {
  switch (problem.is) {
    case "unbuildable":
      return `The path contains ${named(problem.character)}, with which nothing can be built.`;
    case "unrunnable":
      return problem.character === ":"
        ? "The path contains a colon, which separates folders in PATH. So npm would not find the app's programs."
        : "The path contains a backslash, and Node loads no module from such a path.";
    case "not-text":
      return "The path is not valid UTF-8.";
    case "too-long":
      return `The ${problem.of} has ${problem.bytes} bytes, and ${problem.of === "name" ? "file systems allow" : "an app's own paths leave room for"} ${problem.most}.`;
    case "in-node-modules":
      return "Node and tsc leave TypeScript alone that lies in a folder called node_modules.";
  }
}

const CHARACTERS: Readonly<Record<string, string>> = {
  " ": "a blank",
  "\0": "a NUL",
  "\t": "a tabulator",
  "\n": "a line end",
  "\r": "a carriage return",
};

function named(character: string): string {
  return CHARACTERS[character] ?? printable(character);
}

/** A text with its control characters as JavaScript writes them, so that they do nothing to a terminal. */
function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cs}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

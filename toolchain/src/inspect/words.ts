import type { Wording } from "../base/wording.ts";
import type { Foreign, InspectFailure } from "./failures.ts";

const FOREIGN: Readonly<Record<Foreign, string>> = {
  "not-elf": "It is no executable of Linux (ELF).",
  "other-machine": "It is an executable, but none for x86-64 or arm64 that a system starts.",
  "no-blob": "It is an executable without an app in it.",
  "not-about":
    "It is a single executable of Node's, but it does not say what it is made of: another program has made it, or a bpf-app that did not write that yet.",
};

const CODES: Readonly<Record<string, string>> = {
  ENOENT: "There is no such file.",
  EISDIR: "It is a folder.",
  EACCES: "This user may not read it.",
  ENOTDIR: "A part of its path is no folder.",
};

/** Why a file cannot be looked into, and what to do. */
export function inspectWords(f: InspectFailure): Wording {
  switch (f.kind) {
    case "inspect-unreadable":
      return {
        what: `${f.path} cannot be read.`,
        why: CODES[f.code] ?? `The operating system reports ${f.code}.`,
        next: "Give the path of an executable that bpf-app build has made: npx bpf-app inspect dist/NAME",
      };
    case "not-built-here":
      return {
        what: `${f.path} was not made by bpf-app build.`,
        why: FOREIGN[f.why],
        next:
          f.why === "not-about"
            ? "If it is yours, build it again with this version: npm run build"
            : "Give the path of an executable that bpf-app build has made: npx bpf-app inspect dist/NAME",
      };
    case "not-noted":
      return {
        what: `${f.path} does not hold the licences of what is in it, nor a bill of materials.`,
        why: "It was built by a bpf-app that did not put them into files yet.",
        next: "Build it again with this version: npm run build",
      };
    case "nothing-built":
      return {
        what:
          f.names.length === 0
            ? "The app has no user side, and so no executable."
            : `Not built yet: ${f.names.map((name) => `dist/${name}`).join(", ")}.`,
        next:
          f.names.length === 0
            ? "Write src/NAME.ts beside a src/NAME.bpf.c, or add the program of a template: npx bpf-app add minimal"
            : "Build it: npm run build",
      };
    case "built-file-damaged":
      return {
        what: `${f.path} is damaged: ${f.what}.`,
        why: "It is not the whole file that was built: a copy was cut short, or something has written to it.",
        next: "Copy it again, or build it again: npm run build",
      };
  }
}

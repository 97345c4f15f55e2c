import { didYouMean } from "../base/nearest.ts";
import type { Wording } from "../base/wording.ts";
import type { ConfigFailure } from "./failures.ts";

export function configWords(f: ConfigFailure): Wording {
  switch (f.kind) {
    case "unknown-setting":
      return {
        what: `There is no setting ${f.name}.`,
        next: `${didYouMean(f.name, f.known)}Known: ${f.known.join(", ")}. What each does: npx bpf-app settings`,
      };
    case "bad-setting":
      return {
        what: `${f.name}=${f.value} is not understood.`,
        why: `It takes ${f.expected}.`,
        next: `Correct ${f.name}.`,
      };
    case "config-unreadable":
      return {
        what: `${f.path} cannot be read.`,
        why: f.reason,
        next: `Mend it: it is TypeScript with a default export of settings.`,
      };
    case "not-an-app":
      return {
        what: `${f.root} is not an app: it has no package.json.`,
        next: "Change to the app's folder, or make one: npm create bpf-app@latest my-tool",
      };
    case "path-not-for-make":
      return {
        what: `The app cannot be built in ${f.root}.`,
        why: `The path holds ${f.character === " " ? "a blank" : f.character}, which GNU make takes for something else; libbpf and bpftool are built by make.`,
        next: "Move the app to a path of letters, digits and . _ - + , @ =",
      };
    case "no-programs":
      return {
        what: "There is nothing to build.",
        why: "No src/NAME.bpf.c was found.",
        next: "Write one, or take a template's: npx bpf-app add minimal",
      };
    case "bad-program-name":
      return {
        what: `${f.path} cannot be built under that name.`,
        why: `"${f.name}" becomes part of C and TypeScript identifiers.`,
        next: "Rename it with letters, digits and underscores only.",
      };
    case "unknown-target":
      return {
        what: `There is no target ${f.name}.`,
        next: `${didYouMean(f.name, f.known)}Targets: ${f.known.join(", ") || "none (no src/NAME.ts beside a NAME.bpf.c)"}`,
      };
    case "skeleton-without-source":
      return {
        what: `${f.path} imports the skeleton of ${f.name}, which nothing makes.`,
        next: `Write src/${f.name}.bpf.c, or correct the import.`,
      };
  }
}

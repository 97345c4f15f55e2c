import { didYouMean } from "../base/nearest.ts";
import type { Wording } from "../base/wording.ts";
import type { ConfigFailure } from "./failures.ts";
import { SOURCE_FLAGS } from "./source-flags.ts";

function nameOf(character: string): string {
  if (character === "\n") return "a newline";
  if (character === "\\") return "a backslash";
  if (character === "\ufffd") return "bytes that are no UTF-8 text";
  const code = character.codePointAt(0) ?? 0;
  return `the control character U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

export function configWords(f: ConfigFailure): Wording {
  switch (f.kind) {
    case "unknown-setting":
      return {
        what: `There is no setting ${f.name}.`,
        next: `${didYouMean(f.name, f.known)}The settings are ${f.known.join(", ")}. See what each one does: npx bpf-app settings`,
      };
    case "bad-setting":
      return {
        what: `${f.name}=${f.value} is not understood.`,
        why: `It takes ${f.expected}.`,
        next: `Correct ${f.name}.`,
      };
    case "config-unreadable":
      return {
        what: `${f.path}${f.line === undefined ? "" : `:${f.line}`} cannot be read.`,
        why: f.reason,
        next: "Correct it: it has to be TypeScript whose default export is an object of settings.",
      };
    case "not-an-app":
      return {
        what: `${f.root} is not an app, and lies in none.`,
        why: "An app is a folder with a package.json and a src/NAME.bpf.c. It is looked for here and in the folders above, up to the first package.json and on this file system.",
        next: "Change to the app's folder, or make one: npm create bpf-app@latest my-tool",
      };
    case "manifest-invalid":
      return {
        what: "The app's package.json is not an object in JSON.",
        why: f.problem,
        next: "Correct it, and give the command again.",
      };
    case "path-unbuildable":
      return {
        // Quoted as in JSON, because what makes it impossible would make it unreadable too.
        what: `The app cannot be built in ${JSON.stringify(f.root)}.`,
        why: `The path contains ${nameOf(f.character)}, which compilers, make or Node cannot take.`,
        next: "Move the app to a path without it. Blanks and other signs do no harm.",
      };
    case "no-programs":
      return {
        what: "There is nothing to build.",
        why: "No src/NAME.bpf.c was found.",
        next: "Write one, or add the one of a template: npx bpf-app add minimal",
      };
    case "bad-program-name":
      return {
        what: `${f.path} cannot be built under this name.`,
        why: `"${f.name}" becomes part of identifiers in C and TypeScript.`,
        next: "Rename the file so that its name has only letters, digits and underscores and does not begin with a digit.",
      };
    case "bad-source-flag":
      return {
        what: `${f.path}:${f.line}: ${f.flag || "The line"} is no flag that a source may set.`,
        why: `A line "// bpf-app: FLAGS" may have ${SOURCE_FLAGS}.`,
        next: "Correct the line, or set the flag in bpf-app.config.ts: programs: { NAME: { cflags: […] } }",
      };
    case "unknown-program":
      return {
        what: `bpf-app.config.ts has settings for the program ${f.name}, which does not exist.`,
        next: `${didYouMean(f.name, f.known)}The programs are: ${f.known.join(", ")}`,
      };
    case "unknown-event-map":
      return {
        what: `bpf-app.config.ts has a type for the events of ${f.map}, but no source has such a map.`,
        next: `${didYouMean(f.map, f.known)}${f.known.length > 0 ? `The maps are: ${f.known.join(", ")}. ` : ""}For a map whose definition lies elsewhere, name the program as well: programs: { NAME: { events: { … } } }`,
      };
    case "unknown-target":
      return {
        what: `There is no target ${f.name}.`,
        next: `${didYouMean(f.name, f.known)}${f.known.length > 0 ? `The targets are: ${f.known.join(", ")}` : "There are no targets: no src/NAME.ts lies beside a src/NAME.bpf.c."}`,
      };
    case "btf-not-there":
      return {
        what: `BTF names ${f.path}, which ${f.code === "ENOENT" ? "is not there" : `cannot be read (${f.code})`}.`,
        next: "Correct BTF, which takes paths from the app's folder: npm run build -- BTF=../btfhub-archive/ubuntu. With BTF=auto it is the folder btf/.",
      };
    case "btf-unnamed":
      return {
        what: `${f.path} does not say of which kernel it is.`,
        why: "A kernel finds its BTF by its release, as uname -r prints it, and the release is taken from the name of the file.",
        next: "Name it RELEASE.btf, or RELEASE.btf.tar.xz if it is packed, such as 5.4.0-42-generic.btf.",
      };
    case "btf-none":
      return {
        what: `${f.path} has no file of BTF in it.`,
        why: "Files are looked for whose name ends in .btf or .btf.tar.xz, in all folders below it whose names do not begin with a dot.",
        next: "Correct BTF, or get the files: a clone of BTFHub's archive may have been made without them (git sparse-checkout).",
      };
    case "btf-kernel-unknown":
      return {
        what: `BTF_KERNELS has ${f.pattern}, and there is no BTF of such a kernel.`,
        next: `${didYouMean(f.pattern, f.known)}A word is a release as uname -r prints it, or with its place, as in ubuntu/20.04/x86_64/5.4.0-42-generic; * stands for any signs.`,
      };
    case "skeleton-without-source":
      return {
        what: `${f.path} imports the skeleton of ${f.name}, but there is no src/${f.name}.bpf.c to make it from.`,
        next: `Write src/${f.name}.bpf.c, or correct the import.`,
      };
    case "target-without-source":
      return {
        what: `bpf-app.config.ts names the target ${f.name}, but there is no src/${f.name}.ts to make it from.`,
        next: `Write src/${f.name}.ts, or correct the list: targets: […]`,
      };
  }
}

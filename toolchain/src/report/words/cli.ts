import type { BundleFailure } from "../../bundle/failures.ts";
import type { CliFailure } from "../../cli/failures.ts";
import { nearest, type Wording } from "./wording.ts";

export function cliWords(f: CliFailure | BundleFailure): Wording | undefined {
  switch (f.kind) {
    case "usage":
      return { what: f.message, next: "Help: npx bpf-app --help" };
    case "unknown-verb":
      return {
        what: `There is no verb ${f.verb}.`,
        next: `${nearest(f.verb, f.known)}Verbs: ${f.known.join(", ")}`,
      };
    case "bundle-failed":
      return { what: `${f.entry} cannot be bundled.`, why: f.text, next: "Correct the source named above." };
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
    case "app-failed":
      return undefined;
  }
}

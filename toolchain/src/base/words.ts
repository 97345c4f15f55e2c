import type { CommandFailure } from "./command.ts";
import { nearest } from "./nearest.ts";
import { installText } from "./packages.ts";
import type { TemplateFailure } from "./template.ts";
import type { Wording } from "./wording.ts";

export function commandWords(failure: CommandFailure): Wording {
  switch (failure.kind) {
    case "program-missing":
      return {
        what: `${failure.program} was not found.`,
        next: installText(failure.install, failure.program),
      };
    case "command-failed":
      return {
        what: `${failure.command} failed${failure.exitCode === undefined ? "" : ` with exit code ${failure.exitCode}`}.`,
        why: failure.output,
        next: "Correct what its messages complain about, and run the same command again.",
      };
  }
}

export function templateWords(failure: TemplateFailure): Wording {
  switch (failure.kind) {
    case "unknown-template": {
      const guess = nearest(failure.name, failure.known);
      return {
        what: `There is no template "${failure.name}".`,
        why: `Templates: ${failure.known.join(", ")}.`,
        next: guess
          ? `Did you mean ${guess}?`
          : "See what each one shows: npm create bpf-app@latest -- --list-templates",
      };
    }
    case "template-invalid":
      return {
        what: `${failure.path} is not a valid template description: ${failure.problem}.`,
        next: "templates/README.md describes the fields.",
      };
  }
}

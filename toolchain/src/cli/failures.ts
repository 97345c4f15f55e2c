import type { ArchName } from "../base/arch.ts";
import type { Install } from "../base/packages.ts";

/** What is wrong with the way in which a verb was called, or with the app that it should work on. */
export type CliFailure =
  /** The verb is undefined where none was named. */
  | { readonly kind: "usage"; readonly message: string; readonly verb: string | undefined }
  | { readonly kind: "no-verb"; readonly known: readonly string[] }
  | { readonly kind: "unknown-verb"; readonly verb: string; readonly known: readonly string[] }
  | {
      readonly kind: "unknown-option";
      readonly verb: string | undefined;
      /** With its dashes, as the known ones are. */
      readonly option: string;
      readonly known: readonly string[];
    }
  /** `what` takes one of the known words, and was given none or another one. */
  | {
      readonly kind: "bad-choice";
      readonly verb: string;
      readonly what: string;
      readonly given: string | undefined;
      readonly known: readonly string[];
    }
  /** The folder that the command was given in has been removed. */
  | { readonly kind: "no-folder" }
  | { readonly kind: "no-target" }
  | { readonly kind: "which-target"; readonly verb: string; readonly known: readonly string[] }
  /** The verb runs on this machine what is built, and the app is built for another one. */
  | { readonly kind: "other-machine"; readonly verb: string; readonly arch: ArchName }
  /** The app needs root's privileges, and without sudo there is no way to get them. */
  | { readonly kind: "sudo-missing"; readonly program: string; readonly install: Install | undefined }
  /** `code` is the name of the operating system's error: `EACCES`. */
  | { readonly kind: "app-not-started"; readonly program: string; readonly code: string }
  /** `check` loads programs into this machine's kernel, and without sudo there is no way to get the privileges. */
  | { readonly kind: "check-needs-root"; readonly install: Install | undefined }
  /** The program that loads an app's programs for `check` ended too early: its exit code, or the signal that ended it. */
  | { readonly kind: "check-not-run"; readonly ended: number | string | undefined; readonly text: string }
  /** The work was interrupted, and everything is as it was. */
  | { readonly kind: "interrupted" }
  /** A path leads to a link to something that does not exist. */
  | { readonly kind: "dangling-link"; readonly link: string; readonly target: string }
  /**
   * An error of the operating system, by its name: `EACCES`.
   * `rootOwned` are the files and folders in the app that belong to root, if that is why.
   */
  | {
      readonly kind: "system";
      readonly code: string;
      readonly path: string | undefined;
      readonly rootOwned: readonly string[];
    }
  | { readonly kind: "file-exists"; readonly paths: readonly string[]; readonly template: string }
  | {
      readonly kind: "dependency-conflict";
      readonly name: string;
      readonly have: string;
      readonly want: string;
    };

declare module "../base/failure.ts" {
  interface Failures {
    cli: CliFailure;
  }
}

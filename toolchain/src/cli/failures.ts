import type { Install } from "../base/packages.ts";

/** What is wrong with the way in which a verb was called, or with the app that it should work on. */
export type CliFailure =
  | { readonly kind: "usage"; readonly message: string }
  | { readonly kind: "unknown-verb"; readonly verb: string; readonly known: readonly string[] }
  /** The folder that the command was given in has been removed. */
  | { readonly kind: "no-folder" }
  | { readonly kind: "no-target" }
  | { readonly kind: "which-target"; readonly verb: string; readonly known: readonly string[] }
  /** The app needs root's privileges, and without sudo there is no way to get them. */
  | { readonly kind: "sudo-missing"; readonly program: string; readonly install: Install | undefined }
  /** `code` is the name of the operating system's error: `EACCES`. */
  | { readonly kind: "app-not-started"; readonly program: string; readonly code: string }
  /** `check` loads programs into this machine's kernel, and without sudo there is no way to get the privileges. */
  | { readonly kind: "check-needs-root"; readonly install: Install | undefined }
  /** The program that loads an app's programs for `check` ended too early: its exit code, or the signal that ended it. */
  | { readonly kind: "check-not-run"; readonly ended: number | string | undefined; readonly text: string }
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

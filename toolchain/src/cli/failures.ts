import type { Install } from "../base/packages.ts";

/** What is wrong with how a verb was called, or with what it was to work on. */
export type CliFailure =
  | { readonly kind: "usage"; readonly message: string }
  | { readonly kind: "unknown-verb"; readonly verb: string; readonly known: readonly string[] }
  /** The folder that the command was given in has been removed. */
  | { readonly kind: "no-folder" }
  | { readonly kind: "no-target" }
  | { readonly kind: "which-target"; readonly verb: string; readonly known: readonly string[] }
  /** The app needs root's privileges, and there is no way to have them. */
  | { readonly kind: "sudo-missing"; readonly program: string; readonly install: Install | undefined }
  /** `code` is errno's name. */
  | { readonly kind: "app-not-started"; readonly program: string; readonly code: string }
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

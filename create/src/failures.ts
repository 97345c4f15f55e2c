/** What can go wrong while an app is made, in addition to the failures of lower layers. `words.ts` says it in words. */
export type CreateFailure =
  | { readonly kind: "usage"; readonly problem: string }
  | { readonly kind: "target-not-empty"; readonly path: string; readonly found: string }
  | {
      readonly kind: "target-not-a-folder";
      readonly path: string;
      readonly found: "file" | "dangling symlink";
    }
  | { readonly kind: "target-unwritable"; readonly path: string; readonly code: string }
  | { readonly kind: "interrupted"; readonly signal: "SIGINT" | "SIGTERM" | "SIGHUP" }
  | {
      readonly kind: "install-failed";
      readonly command: string;
      readonly output: string;
      readonly target: string;
    }
  | { readonly kind: "toolchain-not-built"; readonly folder: string; readonly output: string };

declare module "../../toolchain/src/base/failure.ts" {
  interface Failures {
    create: CreateFailure;
  }
}

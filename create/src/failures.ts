/** What can go wrong while an app is made, in addition to the failures of lower layers. `words.ts` says it in words. */
export type CreateFailure =
  | { readonly kind: "usage"; readonly problem: string; readonly hint?: string }
  | { readonly kind: "name-unusable"; readonly path: string; readonly why: NameProblem }
  | { readonly kind: "target-not-empty"; readonly path: string; readonly found: string }
  | {
      readonly kind: "target-not-a-folder";
      readonly path: string;
      readonly found: "file" | "dangling symlink";
    }
  | { readonly kind: "target-in-the-way"; readonly path: string; readonly wanted: "file" | "folder" }
  | { readonly kind: "target-unwritable"; readonly path: string; readonly code: string }
  | { readonly kind: "repository-unreadable"; readonly path: string; readonly output: string }
  | { readonly kind: "manager-missing"; readonly manager: string; readonly get: string }
  | { readonly kind: "interrupted"; readonly signal: "SIGINT" | "SIGTERM" | "SIGHUP" }
  | {
      readonly kind: "install-failed";
      readonly command: string;
      readonly output: string;
      readonly target: string;
    }
  | { readonly kind: "toolchain-not-built"; readonly folder: string; readonly output: string };

/** Why no app can have a path. */
export type NameProblem =
  /** A character with which nothing can be built. */
  | { readonly is: "unbuildable"; readonly character: string }
  /** A character with which the package managers cannot run a script. */
  | { readonly is: "unrunnable"; readonly character: string }
  /** Bytes that are not UTF-8. */
  | { readonly is: "not-text" }
  /** A part of the path, or all of it, has more bytes than file systems allow. */
  | { readonly is: "too-long"; readonly bytes: number; readonly most: number; readonly of: "name" | "path" }
  | { readonly is: "in-node-modules" };

declare module "../../toolchain/src/base/failure.ts" {
  interface Failures {
    create: CreateFailure;
  }
}

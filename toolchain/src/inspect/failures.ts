/** Why a file cannot be looked into. */
export type InspectFailure =
  /** `code` is the name of the operating system's error: `EACCES`. */
  | { readonly kind: "inspect-unreadable"; readonly path: string; readonly code: string }
  /** It is no executable that `bpf-app build` has made. */
  | { readonly kind: "not-built-here"; readonly path: string; readonly why: Foreign }
  /** It was built by a bpf-app that put no licences and no bill of materials into files. */
  | { readonly kind: "not-noted"; readonly path: string }
  /** None of the app's programs is built. */
  | { readonly kind: "nothing-built"; readonly names: readonly string[] }
  /** It was one, and something is missing of it or has been changed. */
  | { readonly kind: "built-file-damaged"; readonly path: string; readonly what: string };

/** How it is seen that a file was made by somebody else. */
export type Foreign =
  | "not-elf"
  | "other-machine"
  /** An executable that has no blob of Node's in it. */
  | "no-blob"
  /** A single executable of Node's, without what `bpf-app build` puts into its own. */
  | "not-about";

declare module "../base/failure.ts" {
  interface Failures {
    inspect: InspectFailure;
  }
}

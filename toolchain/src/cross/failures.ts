import type { ArchName } from "../base/arch.ts";

/** Why what a build for another architecture takes cannot be had. */
export type CrossFailure =
  /** npm did not deliver the Node for the other machine. */
  | { readonly kind: "node-unavailable"; readonly package: string; readonly output: string }
  /** The archive is not the one that the app's lock file names. */
  | {
      readonly kind: "node-not-as-locked";
      readonly package: string;
      readonly locked: string;
      readonly found: string;
    }
  /** Neither origin of the types of a kernel of the other architecture has delivered them. */
  | {
      readonly kind: "types-unavailable";
      readonly arch: ArchName;
      readonly tried: readonly { readonly origin: string; readonly why: string }[];
    }
  | { readonly kind: "cross-arguments"; readonly action: string; readonly usage: string };

declare module "../base/failure.ts" {
  interface Failures {
    cross: CrossFailure;
  }
}

import type { Install } from "../toolchain/src/base/packages.ts";
import type { OriginName } from "./origin-names.ts";
import type { Attempt } from "./provenance.ts";

/** What ends the vendoring. words.ts words each member. */
export type VendorFailure =
  | { readonly kind: "pins-invalid"; readonly path: string; readonly problem: string }
  | {
      readonly kind: "sources-unavailable";
      readonly asked: readonly OriginName[];
      /** The sources that nobody delivered, with all that was tried. */
      readonly sources: readonly { readonly name: string; readonly tried: readonly Attempt[] }[];
      /** The faults, in the order in which they were met. */
      readonly faults: readonly Fault[];
    }
  | { readonly kind: "no-room"; readonly path: string; readonly output: string }
  | { readonly kind: "not-vendored"; readonly path: string }
  | { readonly kind: "provenance-invalid"; readonly path: string; readonly problem: string }
  | { readonly kind: "no-repository"; readonly path: string }
  | { readonly kind: "submodule-unavailable"; readonly name: string; readonly fault: Fault }
  | { readonly kind: "source-changed"; readonly paths: readonly string[] };

/** Why an origin did not deliver: the turn of the next offer or origin, not the end. words.ts words each member. */
export type Fault =
  /** Nothing answers, or not in time: no use to ask this place again. */
  | { readonly kind: "unreachable"; readonly place: string; readonly output: string }
  | { readonly kind: "slow"; readonly place: string }
  /** It answered, and has not got it. */
  | { readonly kind: "absent"; readonly what: string; readonly place: string }
  | { readonly kind: "refused"; readonly what: string; readonly place: string; readonly output: string }
  /** It delivered something else. */
  | { readonly kind: "corrupt"; readonly what: string; readonly place: string; readonly output: string }
  | { readonly kind: "unsigned"; readonly place: string; readonly output: string }
  | {
      readonly kind: "tag-moved";
      readonly url: string;
      readonly tag: string;
      readonly pinned: string;
      readonly found: string;
    }
  | { readonly kind: "odd"; readonly what: string; readonly problem: string }
  /** It does not go with a source that was taken before. */
  | {
      readonly kind: "mismatch";
      readonly name: string;
      readonly version: string;
      readonly other: string;
      readonly otherVersion: string;
      readonly needs: string;
    }
  /** This machine lacks what it takes. */
  | { readonly kind: "lacks"; readonly what: string; readonly install?: Install | undefined }
  | { readonly kind: "no-bundle" }
  | { readonly kind: "no-mirror"; readonly distro: string }
  | { readonly kind: "disk"; readonly path: string; readonly output: string };

/** What an origin throws. It is never told alone: the search goes on, and tells it with the others. */
export class OriginFault extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.kind);
    this.fault = fault;
  }
}

/** Faults of a place and not of a source: the origin is not asked for the other sources either. */
export function concernsOrigin(fault: Fault): boolean {
  return ["unreachable", "slow", "lacks", "no-bundle", "no-mirror"].includes(fault.kind);
}

declare module "../toolchain/src/base/failure.ts" {
  interface Failures {
    vendor: VendorFailure;
  }
}

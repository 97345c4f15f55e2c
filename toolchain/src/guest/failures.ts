import type { Install } from "../base/packages.ts";

/** What can go wrong with guests before and while they run. `words.ts` says it in words. */
export type GuestFailure =
  /** Programs or files of the system that a guest needs, with what each is for. */
  | {
      readonly kind: "needs-missing";
      readonly needs: readonly { readonly name: string; readonly why: string }[];
      readonly install: Install | undefined;
    }
  /** There are kernels for x86-64 and for arm64 only. */
  | { readonly kind: "other-architecture"; readonly arch: string }
  /** The version is not in the table of kernels. `nearest` is the one closest to it. */
  | {
      readonly kind: "unknown-kernel";
      readonly version: string;
      readonly nearest: string | undefined;
      readonly known: readonly string[];
    }
  | { readonly kind: "no-mirror"; readonly variable: string }
  /** None of the kernels that could stand for these versions can be had. */
  | { readonly kind: "no-kernel"; readonly versions: readonly string[]; readonly reasons: readonly string[] }
  | { readonly kind: "library-missing"; readonly file: string; readonly name: string }
  /** The guest ended before its work was done. */
  | { readonly kind: "guest-died"; readonly kernel: string; readonly console: string };

declare module "../base/failure.ts" {
  interface Failures {
    guest: GuestFailure;
  }
}

/** Why the BTF of other kernels cannot be made ready for embedding. Paths are as the settings give them. */
export type CoreBtfFailure =
  | { readonly kind: "min-core-btf-usage" }
  /** tar or xz refuses the archive; `output` is what they say. */
  | { readonly kind: "btf-archive-bad"; readonly path: string; readonly output: string }
  | { readonly kind: "btf-too-large"; readonly path: string; readonly limit: number }
  | { readonly kind: "btf-unreadable"; readonly path: string; readonly code: string }
  /** `why` is a sentence of the reader's. */
  | { readonly kind: "btf-bad"; readonly path: string; readonly why: string }
  /** `exit` is the exit code or the signal. */
  | {
      readonly kind: "btf-not-reduced";
      readonly path: string;
      readonly object: string;
      readonly exit: string;
      readonly output: string;
    }
  /** None of the files is for the architecture of the build. */
  | { readonly kind: "btf-other-arch"; readonly arch: string; readonly found: readonly string[] }
  /** Two files say different of one kernel. */
  | { readonly kind: "btf-contradicts"; readonly release: string; readonly paths: readonly [string, string] };

declare module "../base/failure.ts" {
  interface Failures {
    "core-btf": CoreBtfFailure;
  }
}

/** Why bytes are not BTF this project can read. */
export type BtfFailure =
  /** The object was compiled without -g. */
  | { readonly kind: "btf-missing" }
  /** Tables that point outside themselves or contradict each other; `type` is the id of the type at fault. */
  | { readonly kind: "btf-corrupt"; readonly what: string; readonly type?: number }
  /** A kind or version this reader does not know: written by a newer compiler. */
  | { readonly kind: "btf-unsupported"; readonly what: string };

declare module "../base/failure.ts" {
  interface Failures {
    btf: BtfFailure;
  }
}

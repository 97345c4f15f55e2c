/** Why ICU's data cannot be read, or cannot be made smaller as asked. */
export type IcuFailure =
  /** Bytes that are not a package of ICU data, or one that contradicts itself. */
  | { readonly kind: "icu-damaged"; readonly what: string }
  /** A format of ICU's that this version of bpf-app does not know. */
  | { readonly kind: "icu-unsupported"; readonly what: string }
  /** A locale to keep that is no tag of BCP 47. */
  | { readonly kind: "icu-not-a-locale"; readonly locale: string }
  /** A locale to keep that this Node has no data for. */
  | { readonly kind: "icu-no-such-locale"; readonly locale: string; readonly nearest?: string };

declare module "../base/failure.ts" {
  interface Failures {
    icu: IcuFailure;
  }
}

export type BundleFailure = { readonly kind: "bundle-failed"; readonly entry: string; readonly text: string };

declare module "../base/failure.ts" {
  interface Failures {
    bundle: BundleFailure;
  }
}

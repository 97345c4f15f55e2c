/** What can go wrong when an app is bundled. `text` is what esbuild says, one line for each error. */
export type BundleFailure = { readonly kind: "bundle-failed"; readonly entry: string; readonly text: string };

declare module "../base/failure.ts" {
  interface Failures {
    bundle: BundleFailure;
  }
}

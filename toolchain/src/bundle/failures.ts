export type BundleFailure = { readonly kind: "bundle-failed"; readonly entry: string; readonly text: string };

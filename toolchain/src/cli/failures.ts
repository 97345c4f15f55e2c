export type CliFailure =
  | { readonly kind: "usage"; readonly message: string }
  | { readonly kind: "unknown-verb"; readonly verb: string; readonly known: readonly string[] }
  | { readonly kind: "no-target" }
  | { readonly kind: "which-target"; readonly verb: string; readonly known: readonly string[] }
  | { readonly kind: "app-failed"; readonly status: number };

/** What is out of order in a file's headers, when they are complete but cannot be what a linker wrote. */
export type HeaderFault =
  | "header-sizes"
  | "no-load-segment"
  | "loads-not-ascending"
  | "outside-address-space"
  | "load-misaligned"
  | "file-size-over-memory-size"
  | "first-load-offset"
  | "program-headers-not-loaded"
  | "several-phdr-segments"
  | "section-table";

export type SeaFailure =
  | { readonly kind: "base-not-elf"; readonly path: string }
  | { readonly kind: "base-truncated"; readonly path: string; readonly size: number; readonly needs: number }
  | { readonly kind: "base-not-64-bit-little-endian"; readonly path: string }
  | { readonly kind: "base-wrong-machine"; readonly path: string; readonly machine: number }
  | { readonly kind: "base-not-executable"; readonly path: string; readonly type: number }
  | { readonly kind: "base-odd-headers"; readonly path: string; readonly fault: HeaderFault }
  | { readonly kind: "base-without-fuse"; readonly path: string }
  | { readonly kind: "base-several-fuses"; readonly path: string; readonly count: number }
  | { readonly kind: "base-already-injected"; readonly path: string; readonly by: "fuse" | "note" }
  | { readonly kind: "blob-not-sea"; readonly path: string; readonly why: "empty" | "magic" | "trailer" }
  | {
      readonly kind: "blob-version-mismatch";
      readonly path: string;
      readonly blob: string;
      readonly base: string;
    }
  | {
      readonly kind: "no-room";
      readonly path: string;
      readonly why: "blob-over-4-gib" | "address-space" | "gap";
    }
  | { readonly kind: "trim-mismatch"; readonly path: string; readonly base: string }
  | { readonly kind: "executable-unverified"; readonly path: string; readonly what: Unverified }
  | { readonly kind: "blob-node-too-old"; readonly node: string; readonly version: string }
  | { readonly kind: "blob-not-made"; readonly node: string; readonly exit: string; readonly output: string }
  | { readonly kind: "blob-incomplete"; readonly path: string; readonly size: number; readonly needs: number }
  | { readonly kind: "output-is-input"; readonly path: string }
  | {
      readonly kind: "sea-file";
      readonly operation: FileOperation;
      readonly path: string;
      readonly code: string;
    }
  | { readonly kind: "sea-arguments"; readonly action: string; readonly problem: string };

/** What reading the finished file back found different from what was meant. */
export type Unverified =
  | "size"
  | "headers"
  | "symbols"
  | "left-out"
  | "program-headers-address"
  | "protections"
  | "note"
  | "blob"
  | "fuse"
  | "names"
  | "mode";

export type FileOperation = "read" | "copy" | "write" | "run";

declare module "../base/failure.ts" {
  interface Failures {
    sea: SeaFailure;
  }
}

import type { Install } from "../base/packages.ts";

/** What this machine lacks for a build. */
export type HostFailure =
  | { readonly kind: "not-linux"; readonly platform: string }
  /** The system's C library is musl; `loader` is the file by which that was seen. */
  | { readonly kind: "host-is-musl"; readonly loader: string }
  /** The setting NODE names a Node that was built for musl. */
  | { readonly kind: "node-for-musl"; readonly executable: string; readonly loader: string }
  | { readonly kind: "arch-unsupported"; readonly arch: string }
  | {
      readonly kind: "tool-missing";
      readonly tool: string;
      readonly word: string;
      readonly install: Install | undefined;
    }
  | { readonly kind: "tool-broken"; readonly tool: string; readonly path: string; readonly output: string }
  | {
      readonly kind: "tool-too-old";
      readonly tool: string;
      readonly version: string;
      readonly needs: string;
      readonly install: Install | undefined;
    }
  | { readonly kind: "not-gnu-make"; readonly path: string; readonly version: string }
  | { readonly kind: "node-missing"; readonly package: string }
  /** package.json names TypeScript, and it is not installed. */
  | { readonly kind: "typescript-missing" }
  | { readonly kind: "node-without-headers"; readonly executable: string; readonly header: string }
  /** A clone has empty folders where its submodules belong. */
  | { readonly kind: "submodules-missing"; readonly paths: readonly string[] }
  | { readonly kind: "source-missing"; readonly name: string; readonly path: string }
  | { readonly kind: "source-unknown-layout"; readonly name: string; readonly path: string }
  | { readonly kind: "no-kernel-btf"; readonly release: string; readonly source: string }
  | { readonly kind: "vmlinux-missing"; readonly path: string };

declare module "../base/failure.ts" {
  interface Failures {
    host: HostFailure;
  }
}

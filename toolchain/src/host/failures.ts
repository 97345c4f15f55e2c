import type { ArchName } from "../base/arch.ts";
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
  /** A compiler makes code for another machine than the app is built for. */
  | {
      readonly kind: "compiler-other-machine";
      readonly word: string;
      readonly command: string;
      readonly target: string;
      readonly arch: ArchName;
    }
  | { readonly kind: "node-missing"; readonly package: string }
  /** NODE names an executable for another machine than the app is built for. */
  | {
      readonly kind: "node-other-machine";
      readonly executable: string;
      readonly is: ArchName;
      readonly arch: ArchName;
    }
  /** NODE names one for another machine, whose version is not that of the app's Node, which makes the blob. */
  | {
      readonly kind: "node-other-version";
      readonly executable: string;
      readonly version: string;
      readonly own: string;
    }
  /** package.json names TypeScript, and it is not installed. */
  | { readonly kind: "typescript-missing" }
  | { readonly kind: "node-without-headers"; readonly executable: string; readonly header: string }
  /** A clone has empty folders where its submodules belong. */
  | { readonly kind: "submodules-missing"; readonly paths: readonly string[] }
  | { readonly kind: "source-missing"; readonly name: string; readonly path: string }
  | { readonly kind: "source-unknown-layout"; readonly name: string; readonly path: string }
  | { readonly kind: "no-kernel-btf"; readonly release: string; readonly source: string }
  | { readonly kind: "vmlinux-missing"; readonly path: string }
  /** VMLINUX names the types of a kernel of the other architecture. */
  | {
      readonly kind: "vmlinux-other-machine";
      readonly path: string;
      readonly is: string;
      readonly arch: ArchName;
    };

declare module "../base/failure.ts" {
  interface Failures {
    host: HostFailure;
  }
}

/** Everything that can go wrong while an app is made. `words.ts` words each member; nothing else does. */
export type CreateFailure =
  | { readonly kind: "usage"; readonly problem: string }
  | {
      readonly kind: "unknown-template";
      readonly name: string;
      readonly known: readonly string[];
      readonly guess?: string;
    }
  | { readonly kind: "template-invalid"; readonly path: string; readonly problem: string }
  | { readonly kind: "target-not-empty"; readonly path: string; readonly found: string }
  | {
      readonly kind: "target-not-a-folder";
      readonly path: string;
      readonly found: "file" | "dangling symlink";
    }
  | { readonly kind: "target-unwritable"; readonly path: string; readonly code: string }
  | { readonly kind: "interrupted"; readonly signal: "SIGINT" | "SIGTERM" | "SIGHUP" }
  | {
      readonly kind: "tool-missing";
      readonly tool: string;
      readonly package: string;
      readonly purpose: string;
    }
  | {
      readonly kind: "command-failed";
      readonly command: string;
      readonly exitCode?: number;
      readonly output: string;
    }
  | { readonly kind: "install-failed"; readonly command: string; readonly output: string }
  | { readonly kind: "toolchain-not-built"; readonly folder: string; readonly output: string }
  | { readonly kind: "not-an-app"; readonly path: string }
  | { readonly kind: "file-exists"; readonly paths: readonly string[]; readonly template: string }
  | {
      readonly kind: "dependency-conflict";
      readonly name: string;
      readonly have: string;
      readonly want: string;
    }
  | VendorFailure;

/** What can go wrong while libbpf, bpftool, libelf and zlib are fetched. */
export type VendorFailure =
  | { readonly kind: "pins-invalid"; readonly path: string; readonly problem: string }
  | { readonly kind: "forge-unreachable"; readonly url: string; readonly output: string }
  | { readonly kind: "forge-refused"; readonly url: string; readonly output: string }
  | { readonly kind: "tag-missing"; readonly name: string; readonly url: string; readonly tag: string }
  | {
      readonly kind: "tag-moved";
      readonly name: string;
      readonly url: string;
      readonly tag: string;
      readonly pinned: string;
      readonly found: string;
    }
  | {
      readonly kind: "keyring-missing";
      readonly path: string;
      readonly package: string;
      readonly distro: string;
    }
  | { readonly kind: "archive-unknown"; readonly distro: string }
  | { readonly kind: "archive-unreachable"; readonly archives: readonly string[]; readonly output: string }
  | { readonly kind: "archive-unsigned"; readonly archive: string; readonly output: string }
  | { readonly kind: "download-corrupt"; readonly package: string; readonly output: string }
  | {
      readonly kind: "package-missing";
      readonly package: string;
      readonly suite: string;
      readonly output: string;
    }
  | { readonly kind: "package-odd"; readonly package: string; readonly problem: string };

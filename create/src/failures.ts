import type { CommandFailure } from "../../toolchain/src/base/command.ts";
import type { VendorFailure } from "../../vendor/failures.ts";

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
  | CommandFailure
  | {
      readonly kind: "install-failed";
      readonly command: string;
      readonly output: string;
      readonly target: string;
    }
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

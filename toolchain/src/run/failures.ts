import type { Step } from "../plan/step.ts";

/** What can go wrong while a plan runs. `words.ts` says it in words. */
export type RunFailure =
  /** The command ended with an exit code other than 0. `text` is everything that it printed. */
  | { readonly kind: "step-failed"; readonly step: Step; readonly code: number; readonly text: string }
  /** A signal that was not ours ended the command. `memory` is true if the kernel ran out of memory. */
  | {
      readonly kind: "step-killed";
      readonly step: Step;
      readonly signal: string;
      readonly memory: boolean;
      readonly text: string;
    }
  /** The program existed when the plan was made, and does not exist any more. */
  | { readonly kind: "tool-vanished"; readonly step?: Step; readonly tool: string }
  | { readonly kind: "no-space"; readonly step?: Step; readonly path: string }
  /** `rootOwned` are the files and folders in the app that belong to root, if that is why. */
  | {
      readonly kind: "permission";
      readonly step?: Step;
      readonly path: string;
      readonly rootOwned?: readonly string[];
    }
  | { readonly kind: "read-only"; readonly step?: Step; readonly path: string }
  /** Any other error of the operating system, by its name (`EIO`, `EMFILE`, …). */
  | { readonly kind: "system-error"; readonly step?: Step; readonly code: string; readonly path: string }
  | { readonly kind: "output-not-made"; readonly step: Step; readonly path: string }
  | { readonly kind: "missing-input"; readonly step: Step; readonly path: string }
  /** A step names a built-in action that does not exist. */
  | { readonly kind: "unknown-action"; readonly step: Step; readonly action: string }
  | { readonly kind: "duplicate-step"; readonly id: string }
  | { readonly kind: "duplicate-output"; readonly path: string; readonly steps: readonly [string, string] }
  | { readonly kind: "dependency-cycle"; readonly steps: readonly string[] }
  | { readonly kind: "unknown-step"; readonly id: string; readonly known: readonly string[] }
  /** The per-user cache is not a folder of this user alone, so another user could have put files there. */
  | { readonly kind: "cache-not-ours"; readonly path: string }
  /** A command still runs that a killed build had started, and it cannot be ended. */
  | { readonly kind: "leftover"; readonly pid: number }
  | { readonly kind: "interrupted" };

declare module "../base/failure.ts" {
  interface Failures {
    run: RunFailure;
  }
}

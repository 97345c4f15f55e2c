import type { Step } from "../plan/step.ts";

/** Why a step runs, or does not. `report/reasons.ts` says it in words; `--explain` prints it. */
export type Reason =
  | { readonly kind: "fresh" }
  | { readonly kind: "restored" }
  | { readonly kind: "never-built" }
  | { readonly kind: "record-unreadable" }
  | { readonly kind: "command-changed" }
  | { readonly kind: "environment-changed"; readonly name: string }
  | { readonly kind: "tool-changed"; readonly tool: string }
  | { readonly kind: "input-changed"; readonly path: string }
  | { readonly kind: "input-added"; readonly path: string }
  | { readonly kind: "input-removed"; readonly path: string }
  | { readonly kind: "output-missing"; readonly path: string }
  | { readonly kind: "output-changed"; readonly path: string };

/** What happens while a plan runs. Reporters render these and nothing else; the engine never prints. */
export type RunEvent =
  | { readonly type: "begin"; readonly steps: readonly Step[]; readonly jobs: number }
  /** Another build holds the folder's lock. */
  | { readonly type: "waiting"; readonly pid: number }
  /** The step is up to date (`fresh`) or was taken out of the per-user cache (`restored`). */
  | { readonly type: "skip"; readonly step: Step; readonly reason: Reason }
  | { readonly type: "start"; readonly step: Step; readonly reason: Reason; readonly at: number }
  /** What the command wrote to stdout (unless captured) and stderr, in order, when it has ended. */
  | { readonly type: "output"; readonly step: Step; readonly text: string }
  | {
      readonly type: "done";
      readonly step: Step;
      readonly at: number;
      readonly ms: number;
      readonly changed: boolean;
    }
  | { readonly type: "failed"; readonly step: Step; readonly at: number; readonly ms: number }
  | {
      readonly type: "end";
      readonly ok: boolean;
      readonly ms: number;
      readonly ran: number;
      readonly skipped: number;
    };

export type Listener = (event: RunEvent) => void;

/**
 * A built-in action: the `bpf-app VERB ARG…` of a Step, run in this process. Arguments are already staged paths,
 * relative to `root`. Resolves to what goes to the step's stdout, if it has one.
 */
export type Action = (
  args: readonly string[],
  io: { readonly root: string; readonly signal: AbortSignal },
) => Promise<string | undefined>;

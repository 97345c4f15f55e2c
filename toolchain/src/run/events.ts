import type { Step } from "../plan/step.ts";

/** Why a step runs or does not run. `report/reasons.ts` says it in words, and `--explain` prints it. */
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

/**
 * What happens while a plan runs. Reporters turn these events into text; the engine itself prints nothing. `at` and
 * `ms` are in milliseconds: the time since the run began, and a duration.
 */
export type RunEvent =
  | { readonly type: "begin"; readonly steps: readonly Step[]; readonly jobs: number }
  /** Another build, which runs as `pid` (0 if unknown), holds the folder's lock. */
  | { readonly type: "waiting"; readonly pid: number }
  /** The step is up to date (`fresh`) or was taken out of the per-user cache (`restored`). */
  | { readonly type: "skip"; readonly step: Step; readonly reason: Reason }
  | { readonly type: "start"; readonly step: Step; readonly reason: Reason; readonly at: number }
  /**
   * What the command wrote to stderr, and to stdout unless the step captures it; and the notes of an action. It is sent
   * when the command ends, and again whenever the step is skipped because it is up to date. It may have colours.
   */
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

/** Receives the events of a run, one by one, as they happen. */
export type Listener = (event: RunEvent) => void;

/**
 * A built-in action: the `bpf-app VERB ARG…` of a step, which runs in this process. Paths among the arguments are
 * relative to `root`, and those of outputs are staging paths. It resolves to the text for the step's `stdout`, if the
 * step has one.
 */
export type Action = (
  args: readonly string[],
  io: {
    readonly root: string;
    readonly signal: AbortSignal;
    /** Takes a line for people, as a command would write one to stderr. */
    readonly note: (line: string) => void;
  },
) => Promise<string | undefined>;

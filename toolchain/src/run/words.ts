import { didYouMean } from "../base/nearest.ts";
import type { Wording } from "../base/wording.ts";
import type { RunFailure } from "./failures.ts";

/** What went wrong, why if that is known, and what to do next. A failed command's own messages are printed apart. */
export function runWords(failure: RunFailure): Wording {
  switch (failure.kind) {
    case "step-failed":
      return {
        what: `${failure.step.id} failed: ${toolOf(failure.step.argv[0])} ended with code ${failure.code}.`,
        next: "Correct what its messages above point to and build again; add V=1 to see the whole command.",
      };
    case "step-killed":
      return {
        what: `${failure.step.id} was stopped by ${failure.signal}.`,
        ...(failure.memory ? { why: "The kernel ran out of memory and ended it." } : {}),
        next: failure.memory
          ? "Free some memory, or build fewer things at once with -j 1, and build again."
          : "Find out who sent the signal (the kernel's log tells if memory ran out) and build again.",
      };
    case "tool-vanished":
      return {
        what: `${failure.tool} is not there any more.`,
        why: "It was found when the build began, or when the plan was made, and has been removed since.",
        next: "Install it again; `npm run doctor` shows what a build needs.",
      };
    case "no-space":
      return {
        what: `No space is left to write ${failure.path}.`,
        next: "Free some space on that disk and build again; what was built before is as it was.",
      };
    case "permission":
      return {
        what: `No permission for ${failure.path}.`,
        next: "See who owns it (`ls -ld`): a build run with sudo leaves files that belong to root. Then build again.",
      };
    case "read-only":
      return {
        what: `${failure.path} lies on a file system that is read-only.`,
        next: "Make it writable, or copy the app to a place that is, and build again.",
      };
    case "system-error":
      return {
        what: `${failure.path}: the system says ${failure.code}.`,
        next: "`errno -l` or `man 3 errno` explains the code. What was built before is as it was.",
      };
    case "output-not-made":
      return {
        what: `${failure.step.id} ended well and did not make ${failure.path}.`,
        next: "Run its command by itself (build with V=1 to see it) and look where it writes.",
      };
    case "missing-input":
      return {
        what: `${failure.path} is missing, which ${failure.step.id} reads.`,
        next: "Restore the file, or take it out of the configuration if it is no longer wanted.",
      };
    case "unknown-action":
      return {
        what: `bpf-app has no action ${failure.action}, which ${failure.step.id} asks for.`,
        next: "The plan and the toolchain are of different versions: install the app's packages again.",
      };
    case "duplicate-step":
      return {
        what: `Two steps are named ${failure.id}.`,
        next: "Give one of them another name in the configuration.",
      };
    case "duplicate-output":
      return {
        what: `${failure.steps[0]} and ${failure.steps[1]} both make ${failure.path}.`,
        next: "Rename one of the sources, or its output in the configuration.",
      };
    case "dependency-cycle":
      return {
        what: `Steps wait for each other in a circle: ${[...failure.steps, failure.steps[0]].join(" → ")}.`,
        next: "Take one of these dependencies out.",
      };
    case "unknown-step":
      return {
        what: `There is no step ${failure.id}.`,
        next: `${didYouMean(failure.id, failure.known)}Known: ${failure.known.join(", ")}`,
      };
    case "cache-not-ours":
      return {
        what: `The cache ${failure.path} does not belong to you alone.`,
        why: "Another user could put files there, which would end up in what you build.",
        next: `Remove it, or make it yours: \`chown -R "$(id -u)" ${failure.path} && chmod 700 ${failure.path}\`.`,
      };
    case "leftover":
      return {
        what: `Process ${failure.pid}, which an earlier build of this folder started, does not end.`,
        why: "It could still write into what this build makes.",
        next: `See what it waits for (\`ps -o pid,stat,wchan,cmd ${failure.pid}\`), end it and build again.`,
      };
    case "interrupted":
      return { what: "Interrupted.", next: "Nothing half-written is left; build again to go on." };
  }
}

function toolOf(arg: unknown): string {
  return typeof arg === "string" ? arg : "its command";
}

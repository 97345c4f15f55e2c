import { didYouMean } from "../base/nearest.ts";
import { permissionWords } from "../base/owner.ts";
import type { Wording } from "../base/wording.ts";
import type { RunFailure } from "./failures.ts";

/** What went wrong, why, and what to do next. The messages of a failed command itself are printed separately. */
export function runWords(failure: RunFailure): Wording {
  switch (failure.kind) {
    case "step-failed":
      return (
        failure.step.failing ?? {
          what: `${failure.step.id} failed: ${toolOf(failure.step.argv[0])} ended with code ${failure.code}.`,
          next: "Correct what its messages above point to and build again; add V=1 to see the whole command.",
        }
      );
    case "step-killed":
      return {
        what: `${failure.step.id} was stopped by ${failure.signal}.`,
        ...(failure.memory ? { why: "The kernel ran out of memory and ended it." } : {}),
        next: failure.memory
          ? "Free some memory, or build fewer things at once with -j 1, and build again."
          : "Find out who sent the signal (the kernel's log says whether memory ran out), and build again.",
      };
    case "tool-vanished":
      return {
        what: `${failure.tool} does not exist any more.`,
        why: "It was found before the build began, and has been removed since.",
        next: "Install it again. `npm run doctor` shows what a build needs.",
      };
    case "no-space":
      return {
        what: `No space is left to write ${failure.path}.`,
        next: "Free some space on that disk and build again. What was built before has not changed.",
      };
    case "permission":
      return {
        what: `There is no permission to use ${failure.path}.`,
        ...permissionWords(failure.rootOwned ?? []),
      };
    case "read-only":
      return {
        what: `${failure.path} is on a file system that is read-only.`,
        next: "Make it writable, or copy the app to a file system that is, and build again.",
      };
    case "system-error":
      return {
        what: `The operating system reports ${failure.code} for ${failure.path}.`,
        next: "`errno -l` or `man 3 errno` explains the code. What was built before has not changed.",
      };
    case "output-not-made":
      return {
        what: `${failure.step.id} reported success but did not make ${failure.path}.`,
        next: "Run its command by itself (build with V=1 to see it) and look where it writes.",
      };
    case "missing-input":
      return {
        what: `${failure.path}, which ${failure.step.id} reads, is missing.`,
        next: "Restore the file, or take it out of the configuration if it is no longer wanted.",
      };
    case "unknown-action":
      return {
        what: `bpf-app has no action ${failure.action}, which ${failure.step.id} asks for.`,
        next: "The plan and the toolchain have different versions. Install the app's packages again.",
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
        what: `These steps wait for each other in a circle: ${[...failure.steps, failure.steps[0]].join(" → ")}.`,
        next: "Remove one of these dependencies.",
      };
    case "unknown-step":
      return {
        what: `There is no step ${failure.id}.`,
        next: `${didYouMean(failure.id, failure.known)}The steps are: ${failure.known.join(", ")}`,
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
        why: "It could still write into the files that this build makes.",
        next: `See what it waits for (\`ps -o pid,stat,wchan,cmd ${failure.pid}\`), end it, and build again.`,
      };
    case "interrupted":
      return { what: "Interrupted.", next: "No half-written file is left. Build again to go on." };
  }
}

function toolOf(arg: unknown): string {
  return typeof arg === "string" ? arg : "its command";
}

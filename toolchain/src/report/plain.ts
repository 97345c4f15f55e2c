import { dirname } from "node:path";
import type { Step } from "../plan/step.ts";
import type { Listener, RunEvent } from "../run/events.ts";
import type { Colors } from "./colors.ts";
import { commandLine } from "./command.ts";
import { messagesText } from "./messages.ts";
import { reasonText } from "./reasons.ts";

/** What the plain reporter prints, and where. */
export interface PlainOptions {
  readonly write: (text: string) => void;
  /** Print whole commands instead of labels (V=1). */
  readonly verbose: boolean;
  /** Say for each step why it runs. */
  readonly explain: boolean;
  /** How the messages of commands are shown. */
  readonly colors: Colors;
}

/**
 * Prints one line for each step, in the style of the kernel's build, and then what its command has printed. It is used
 * for pipes, for logs and for V=1.
 */
export function plainReporter({ write, verbose, explain, colors }: PlainOptions): Listener {
  let foldersToMake: string | undefined;
  const say = (step: Step, reason: string) => {
    if (foldersToMake !== undefined) write(foldersToMake);
    foldersToMake = undefined;
    write(verbose ? `${commandLine(step)}\n` : kbuildLine(step));
    if (explain) write(`           ${reason}\n`);
  };
  return (event: RunEvent) => {
    switch (event.type) {
      case "begin":
        // The commands in the following lines, when they are pasted, need the folders of their outputs.
        if (verbose) foldersToMake = `mkdir -p ${folders(event.steps).join(" ")}\n`;
        break;
      case "waiting":
        write(`Waiting for the build of process ${event.pid} in this folder.\n`);
        break;
      case "skip":
        if (explain) write(`${kbuildLine(event.step)}           ${reasonText(event.reason)}\n`);
        break;
      case "start":
        say(event.step, reasonText(event.reason));
        break;
      case "output":
        write(messagesText(event.text, colors));
        break;
    }
  };
}

function kbuildLine(step: Step): string {
  return `  ${step.label.padEnd(8)} ${step.subject}\n`;
}

function folders(steps: readonly Step[]): string[] {
  return [
    ...new Set(steps.flatMap((step) => step.outputs.map((path) => dirname(path.replace(/\/$/, ""))))),
  ].sort();
}

import type { Listener, RunEvent } from "../run/events.ts";
import { colorsFor } from "./colors.ts";
import { messagesText } from "./messages.ts";

const PLAIN = colorsFor({}, {});

/**
 * Prints every event as one line of JSON, for programs that watch a build. A step is represented by its id, and messages
 * have no colours.
 */
export function jsonReporter(write: (text: string) => void): Listener {
  return (event: RunEvent) => {
    const plain = event.type === "output" ? { ...event, text: messagesText(event.text, PLAIN) } : event;
    const flat = "step" in plain ? { ...plain, step: plain.step.id } : plain;
    const line = "steps" in flat ? { ...flat, steps: flat.steps.map((step) => step.id) } : flat;
    write(`${JSON.stringify(line)}\n`);
  };
}

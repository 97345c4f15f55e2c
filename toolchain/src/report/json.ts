import type { Listener, RunEvent } from "../run/events.ts";

/** Prints every event as one line of JSON, for programs that watch a build. A step is represented by its id. */
export function jsonReporter(write: (text: string) => void): Listener {
  return (event: RunEvent) => {
    const flat = "step" in event ? { ...event, step: event.step.id } : event;
    const line = "steps" in flat ? { ...flat, steps: flat.steps.map((step) => step.id) } : flat;
    write(`${JSON.stringify(line)}\n`);
  };
}

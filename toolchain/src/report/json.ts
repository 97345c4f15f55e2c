import type { Listener, RunEvent } from "../run/events.ts";

/** One JSON object a line for every event; a step is its id. For programs that watch a build. */
export function jsonReporter(write: (text: string) => void): Listener {
  return (event: RunEvent) => {
    const flat = "step" in event ? { ...event, step: event.step.id } : event;
    const line = "steps" in flat ? { ...flat, steps: flat.steps.map((step) => step.id) } : flat;
    write(`${JSON.stringify(line)}\n`);
  };
}

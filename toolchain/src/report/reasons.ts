import type { Reason } from "../run/events.ts";

/** Why a step runs or does not run. The text continues a line that begins with the step's name. */
export function reasonText(reason: Reason): string {
  switch (reason.kind) {
    case "fresh":
      return "is up to date";
    case "restored":
      return "was taken out of the cache";
    case "never-built":
      return "has not been built yet";
    case "record-unreadable":
      return "has a record that cannot be read";
    case "command-changed":
      return "has a command that differs from the last one";
    case "environment-changed":
      return `sees a new value of the variable ${reason.name}`;
    case "tool-changed":
      return `uses a new ${reason.tool}`;
    case "input-changed":
      return `reads ${reason.path}, which has changed`;
    case "input-added":
      return `reads ${reason.path}, which is new`;
    case "input-removed":
      return `has read ${reason.path}, which does not exist any more`;
    case "output-missing":
      return `makes ${reason.path}, which is missing`;
    case "output-changed":
      return `makes ${reason.path}, which something else has changed`;
  }
}

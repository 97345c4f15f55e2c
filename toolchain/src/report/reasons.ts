import type { Reason } from "../run/events.ts";

/** Why a step runs, or does not, as the end of a line that begins with its name. */
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
      return "has another command than last time";
    case "environment-changed":
      return `sees another value of ${reason.name}`;
    case "tool-changed":
      return `uses another ${reason.tool} than last time`;
    case "input-changed":
      return `reads ${reason.path}, which changed`;
    case "input-added":
      return `reads ${reason.path}, which is new`;
    case "input-removed":
      return `read ${reason.path}, which is gone`;
    case "output-missing":
      return `makes ${reason.path}, which is missing`;
    case "output-changed":
      return `makes ${reason.path}, which something else changed`;
  }
}

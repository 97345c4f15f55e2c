import type { Listener, RunEvent } from "../run/events.ts";
import { jsonReporter } from "./json.ts";
import { plainReporter } from "./plain.ts";
import { terminal } from "./terminal.ts";
import { timingsTable } from "./timings.ts";

export interface ReportStyle {
  readonly json: boolean;
  /** V=1 */
  readonly verbose: boolean;
  readonly explain: boolean;
  readonly timings: boolean;
}

export interface Report {
  readonly listen: Listener;
  /** Waits until all is written; gives all that happened, if timings were asked for. */
  readonly close: () => Promise<readonly RunEvent[]>;
}

/** The reporter that fits: JSON if asked, listr2 on a terminal, else a line a step. */
export async function openReport(root: string, style: ReportStyle): Promise<Report> {
  const events: RunEvent[] = [];
  const { listen, flush } = await choose(root, style);
  return {
    listen: (event) => {
      if (style.timings) events.push(event);
      listen(event);
    },
    close: async () => {
      await flush();
      if (style.timings) terminal.out(timingsTable(events));
      return events;
    },
  };
}

async function choose(
  root: string,
  style: ReportStyle,
): Promise<{ listen: Listener; flush: () => Promise<void> }> {
  if (style.json) return { listen: jsonReporter(terminal.out), flush: async () => {} };
  if (terminal.interactive() && !style.verbose && !style.explain) {
    // listr2 costs more to load than a build with nothing to do takes: only when something starts.
    const { lazyTaskReporter } = await import("./lazy.ts");
    return lazyTaskReporter(terminal.out);
  }
  const listen = plainReporter({ root, write: terminal.out, verbose: style.verbose, explain: style.explain });
  return { listen, flush: async () => {} };
}

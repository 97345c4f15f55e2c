import type { Listener, RunEvent } from "../run/events.ts";
import { colorsFor } from "./colors.ts";
import { jsonReporter } from "./json.ts";
import { plainReporter } from "./plain.ts";
import { terminal } from "./terminal.ts";
import { timingsTable } from "./timings.ts";

/** How a build is reported, as the command line says. */
export interface ReportStyle {
  /** One line of JSON for each event. */
  readonly json: boolean;
  /** Plain lines on standard error. */
  readonly toError?: boolean;
  /** Whole commands instead of labels (V=1). */
  readonly verbose: boolean;
  /** For each step why it runs. */
  readonly explain: boolean;
  /** A table of times at the end. */
  readonly timings: boolean;
}

/** A report of a build that runs. */
export interface Report {
  readonly listen: Listener;
  /** Resolves when everything is written: to all events if `timings` is set, and to an empty list otherwise. */
  readonly close: () => Promise<readonly RunEvent[]>;
}

/** Opens the reporter that fits: JSON if it is asked for, listr2 on a terminal, and otherwise plain lines. */
export async function openReport(style: ReportStyle): Promise<Report> {
  const events: RunEvent[] = [];
  const { listen, flush } = await choose(style);
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

async function choose(style: ReportStyle): Promise<{ listen: Listener; flush: () => Promise<void> }> {
  if (style.json) return { listen: jsonReporter(terminal.out), flush: async () => {} };
  if (!style.toError && terminal.interactive() && !style.verbose && !style.explain) {
    // Loading listr2 takes longer than a build with nothing to do, so it is loaded when the first step starts.
    const { lazyTaskReporter } = await import("./lazy.ts");
    return lazyTaskReporter(terminal.out, colorsFor(process.stdout));
  }
  const listen = plainReporter({
    write: style.toError ? terminal.error : terminal.out,
    verbose: style.verbose,
    explain: style.explain,
    colors: colorsFor(style.toError ? process.stderr : process.stdout),
  });
  return { listen, flush: async () => {} };
}

import type { Listener, RunEvent } from "../run/events.ts";
import type { Colors } from "./colors.ts";
import { messagesText } from "./messages.ts";

/** The listr2 reporter, which is loaded only when a step really runs. Until then the events are kept. */
export function lazyTaskReporter(
  write: (text: string) => void,
  colors: Colors,
): {
  listen: Listener;
  flush: () => Promise<void>;
} {
  const kept: RunEvent[] = [];
  let reporter: { listen: Listener; flush: () => Promise<void> } | undefined;
  let loading: Promise<void> | undefined;
  const load = async () => {
    const { taskReporter } = await import("./tasks.ts");
    reporter = taskReporter(write, colors);
    for (const event of kept) reporter.listen(event);
  };
  return {
    listen: (event) => {
      if (reporter) return reporter.listen(event);
      kept.push(event);
      if (event.type === "start") loading ??= load();
    },
    flush: async () => {
      await loading;
      await reporter?.flush();
      if (reporter) return;
      // What steps said when they were run is said again, as their sources are still the same.
      for (const event of kept) if (event.type === "output") write(messagesText(event.text, colors));
      if (kept.some((event) => event.type === "end" && event.ok)) write("Everything is up to date.\n");
    },
  };
}

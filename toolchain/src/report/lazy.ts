import type { Listener, RunEvent } from "../run/events.ts";

/** The listr2 reporter, which is loaded only when a step really runs. Until then the events are kept. */
export function lazyTaskReporter(write: (text: string) => void): {
  listen: Listener;
  flush: () => Promise<void>;
} {
  const kept: RunEvent[] = [];
  let reporter: { listen: Listener; flush: () => Promise<void> } | undefined;
  let loading: Promise<void> | undefined;
  const load = async () => {
    const { taskReporter } = await import("./tasks.ts");
    reporter = taskReporter(write);
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
      if (!reporter && kept.some((event) => event.type === "end" && event.ok))
        write("Everything is up to date.\n");
    },
  };
}

import type { RunEvent } from "../run/events.ts";

/** The file of the trace. It is in Chrome's trace event format, which chrome://tracing and ui.perfetto.dev show. */
export const TRACE = ".output/trace.json";

interface Timed {
  readonly label: string;
  readonly subject: string;
  readonly start: number;
  readonly ms: number;
}

/** A table of the steps and how long they took, the longest first. */
export function timingsTable(events: readonly RunEvent[]): string {
  const end = events.find((event) => event.type === "end");
  const rows = timed(events)
    .sort((a, b) => b.ms - a.ms)
    .map((t) => `  ${seconds(t.ms)}  ${t.label.padEnd(8)} ${t.subject}\n`);
  const total = end
    ? `  ${seconds(end.ms)}  in all; ${end.ran} steps ran, ${end.skipped} did not. The trace is ${TRACE}.\n`
    : "";
  return `${rows.join("")}${total}`;
}

/** The text of the trace, which shows the steps over time. */
export function timingsTrace(events: readonly RunEvent[]): string {
  return JSON.stringify({ traceEvents: trace(timed(events)) });
}

function timed(events: readonly RunEvent[]): Timed[] {
  return events.flatMap((event): Timed[] =>
    event.type === "done" || event.type === "failed"
      ? [{ label: event.step.label, subject: event.step.subject, start: event.at, ms: event.ms }]
      : [],
  );
}

/** The steps as complete events ("X"), with times in microseconds. Each is on the lowest lane that is free. */
function trace(timed: readonly Timed[]): object[] {
  const lanes: number[] = [];
  const origin = Math.min(...timed.map((t) => t.start));
  return [...timed]
    .sort((a, b) => a.start - b.start)
    .map((t) => {
      const free = lanes.findIndex((until) => until <= t.start);
      const tid = free < 0 ? lanes.length : free;
      lanes[tid] = t.start + t.ms;
      return {
        name: `${t.label} ${t.subject}`,
        ph: "X",
        pid: 1,
        tid,
        ts: (t.start - origin) * 1000,
        dur: t.ms * 1000,
      };
    });
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2).padStart(7)} s`;
}

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../root.ts";
import type { PeerFigures } from "../peers.ts";
import { goals } from "./goals.ts";
import { WARM_UP } from "./rates.ts";
import { type Table, tables } from "./report.ts";
import { rateChart } from "./svg.ts";

/** What a run was made on. */
export interface Machine {
  readonly cpu: string;
  readonly cpus: number;
  readonly kernel: string;
  /** The day of the run: 2026-11-24. */
  readonly date: string;
}

/** Writes docs/performance.md and its picture of one run. */
export function writePage(figures: PeerFigures, machine: Machine): void {
  writeFileSync(join(ROOT, "docs/performance.svg"), rateChart(figures.rates));
  writeFileSync(join(ROOT, "docs/performance.md"), page(figures, machine));
}

/** The page, as Markdown. */
export function page(figures: PeerFigures, machine: Machine): string {
  const { versions, absent } = figures;
  return [
    "# Performance",
    "",
    "<!-- Made by `npm run bench -- peers --page`. Edit test/bench/peers/page.ts, and not this file. -->",
    "",
    "What a consumer of BPF events and maps costs, beside those that others write in C, Go and Rust. All figures are of one run; ratios hold better than the figures themselves, which another machine has otherwise.",
    "`npm run bench -- peers` measures it all on yours: it takes root, a C compiler, some 15 minutes and, for their columns, Go and Rust.",
    "",
    "![Processor time of the consumer of a ring buffer against events a second, on scales of powers of ten. The tables below have the figures.](performance.svg)",
    "",
    ...method(figures, machine),
    "## Who was compared",
    "",
    ...["c", "go", "rust", "us"].flatMap((name) => (versions[name] ? [`- ${versions[name]}`] : [])),
    ...absent.map((sentence) => `- ${sentence}`),
    "",
    ...tables(figures).flatMap(markdown),
    ...goalList(figures),
  ].join("\n");
}

function method({ seconds, rounds, drain }: PeerFigures, machine: Machine): string[] {
  return [
    "## How it was measured",
    "",
    `On ${machine.date}: ${machine.cpu}, ${machine.cpus} processors, Linux ${machine.kernel.split("-")[0]}. ${rounds === 1 ? "Rates were measured once" : `Of everything there were ${rounds} rounds or more`}, and all took turns; a figure is the median of its rounds.`,
    "",
    "- **The same work.** All load the same compiled kernel objects (`test/bench/peers/kernel`). An event has 48 bytes; a consumer adds up a u32 and a u64 of each. The sums, and that each event was either received or dropped, are checked in every run.",
    `- **Rates.** A process on the first processor calls \`prctl(PR_SET_NAME)\` at a steady rate for ${seconds} s, and a program on the tracepoint \`task_rename\` sends an event for each call, with the kernel's default notification. At 1,000,000 events/s one call sends ten, since a call for each would not reach that rate. The consumer runs on the second processor. Its processor time is that of the whole process with all its threads, in nanoseconds, read from outside of it; the ring and each CPU's perf buffer have 1 MiB.`,
    `- **Warming up.** Before a rate counts, each consumer has had it for ${WARM_UP.events.toLocaleString("en-US")} events, but for ${WARM_UP.least} s at least and ${WARM_UP.most} s at most: V8 compiles what has run some thousand times, and a consumer runs for days.`,
    "- **A rate that was not reached** is said beside the percentage: notifying a consumer takes the producer time, too. Ratios are therefore those of the cost of one event.",
    "- **Latency** is the time from `bpf_ktime_get_ns` in the kernel program to the same clock in the consumer, when it has the event.",
    `- **Full rings.** ${drain.events.toLocaleString("en-US")} events wait when reading starts. Processor time counts, so that V8's and Go's collectors are included.`,
    "- **Maps.** Keys have 32 bits, values 64. Batches have 8,192 elements in C and Go; libbpf-rs takes a batch that the kernel left unfilled for the last one, so it reads all by one call. Its batches know no per-CPU values. bpf-app reads by `entries()` in all cases.",
    "",
  ];
}

function markdown({ title, head, rows }: Table): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    `## ${title}`,
    "",
    line(head),
    line(head.map((_, at) => (at === 0 ? "---" : "--:"))),
    ...rows.map(line),
    "",
  ];
}

function goalList(figures: PeerFigures): string[] {
  const all = goals(figures);
  const list = (holds: boolean) =>
    all.filter((goal) => goal.holds === holds).map(({ goal, found }) => `- ${goal}: ${found}`);
  const [held, missed] = [list(true), list(false)];
  return [
    "## Goals",
    "",
    `${held.length} of ${all.length} hold in this run.`,
    "",
    ...(missed.length > 0 ? ["Missed:", "", ...missed, ""] : []),
    "Held:",
    "",
    ...held,
    "",
  ];
}

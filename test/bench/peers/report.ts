import type { PeerFigures } from "../peers.ts";
import { DRAIN_TITLES } from "./drain.ts";
import { type Kind, RATE_TITLES, type RateCell, type RateRow } from "./rates.ts";
import { RIVALS } from "./rivals.ts";
import { WORKS, type Work } from "./tables.ts";

/** A table, whose first column says what a row is about. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const KINDS: Readonly<Record<Kind, string>> = { ring: "ring buffer", perf: "perf buffer" };
/** A producer that comes closer than this to the rate that was asked for has reached it. */
const NEAR = 0.98;

/** The tables of a run, in order; those that it has no row for are left out. */
export function tables(figures: PeerFigures): Table[] {
  const { rates } = figures;
  const kinds = ["ring", "perf"] as const;
  return [
    ...kinds.map((kind) => processorTime(rates, kind)),
    latency(rates),
    accounts(rates),
    drained(figures),
    threads(figures),
    maps(figures),
  ].filter(({ rows }) => rows.length > 0);
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

export function ratio(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? "–" : value.toFixed(2);
}

/** What an event costs one consumer, as a part of what it costs another. */
export function costRatio(row: RateRow, ours: string, theirs: string): number | undefined {
  const [a, b] = [row.cells[ours], row.cells[theirs]];
  return a && b && a.cpu / a.reached / (b.cpu / b.reached);
}

function columnsOf(rows: readonly RateRow[]): string[] {
  return Object.keys(RATE_TITLES).filter((name) => rows.some(({ cells }) => cells[name]));
}

function processorTime(rates: readonly RateRow[], kind: Kind): Table {
  const rows = rates.filter((row) => row.kind === kind);
  const names = columnsOf(rows);
  return {
    title: `Processor time of the consumer: ${KINDS[kind]}`,
    head: ["events/s", ...names.map((name) => RATE_TITLES[name]!), "consume ÷ C", "consume ÷ Go"],
    rows: rows.map((row) => [
      whole(row.asked) + (row.burst > 1 ? ` (bursts of ${row.burst})` : ""),
      ...names.map((name) => percent(row.cells[name], row.asked)),
      ratio(costRatio(row, "consume", "c")),
      ratio(costRatio(row, "consume", "go")),
    ]),
  };
}

function percent(cell: RateCell | undefined, asked: number): string {
  if (!cell) return "–";
  const part = `${(cell.cpu * 100).toFixed(1)} %`;
  return cell.reached < NEAR * asked ? `${part} at ${whole(cell.reached)}` : part;
}

function latency(rates: readonly RateRow[]): Table {
  const rows = rates.filter(({ cells }) => Object.values(cells).some(({ p50 }) => p50 > 0));
  const names = columnsOf(rows);
  return {
    title: "Latency, median and 99th percentile, in µs",
    head: ["events/s", ...names.map((name) => RATE_TITLES[name]!)],
    rows: rows.map(({ kind, asked, cells }) => [
      `${whole(asked)}, ${KINDS[kind]}`,
      ...names.map((name) => (cells[name] ? `${whole(cells[name].p50)}, ${whole(cells[name].p99)}` : "–")),
    ]),
  };
}

function accounts(rates: readonly RateRow[]): Table {
  const names = columnsOf(rates);
  return {
    title: "Received + dropped = produced, to the event",
    head: ["events/s", ...names.map((name) => RATE_TITLES[name]!)],
    rows: rates.map(({ kind, asked, cells }) => [
      `${whole(asked)}, ${KINDS[kind]}`,
      ...names.map((name) => account(cells[name])),
    ]),
  };
}

function account(cell: RateCell | undefined): string {
  return cell ? `${whole(cell.received)} + ${whole(cell.dropped)} = ${whole(cell.produced)}` : "–";
}

function drained({ drain: { speeds } }: PeerFigures): Table {
  const names = Object.keys(DRAIN_TITLES).filter((name) => speeds[name]);
  const against = ["c", "go_unsafe", "go_decode"] as const;
  return {
    title: "A full ring of 64 MiB, by processor time",
    head: ["who", "M events/s", "× C", "× Go unsafe", "× Go decode"],
    rows: names.map((name) => [
      DRAIN_TITLES[name]!,
      million(speeds[name]!),
      ...against.map((other) => ratio(speeds[other] && speeds[name]! / speeds[other])),
    ]),
  };
}

function threads({ drain }: PeerFigures): Table {
  const one = drain.threads["1"]!;
  return {
    title: "Full rings read at once by as many workers, by the clock",
    head: ["workers", "M events/s", "× one"],
    rows: Object.entries(drain.threads).map(([count, speed]) => [count, million(speed), ratio(speed / one)]),
  };
}

function maps({ tables: works }: PeerFigures): Table {
  const names = [...Object.keys(RIVALS), "us"].filter((name) =>
    Object.values(works).some((work) => work[name]),
  );
  return {
    title: "Maps, M elements/s, by processor time",
    head: [
      "",
      ...names.map((name) => (RIVALS as Readonly<Record<string, string>>)[name] ?? "bpf-app"),
      "bpf-app ÷ C",
      "bpf-app ÷ Go",
    ],
    rows: Object.entries(works).map(([work, speeds]) => [
      WORKS[work as Work].title,
      ...names.map((name) => (speeds[name] ? million(speeds[name]) : "–")),
      ratio(speeds.us! / speeds.c!),
      ratio(speeds.go && speeds.us! / speeds.go),
    ]),
  };
}

function million(value: number): string {
  return (value / 1e6).toFixed(value < 1e8 ? 2 : 0);
}
